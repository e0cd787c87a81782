# ما يقوله سطر أوامر سلطة الشهادات. الأسماء والرموز والأوامر واحدة في كل اللغات.
# الإنشاء والإصدار.
say-made = أُنشئت سلطة شهادات الاتحاد { $federation }.

    الشهادة الجذرية، لكل عقدة:
    {"  "}{ $root }
      SHA-256 { $sha256 }
    سلطات الإصدار، صالحة مدة { PLURAL($days) ->
        [zero] { $days } يوم
        [one] يوم واحد
        [two] يومين
        [few] { $days } أيام
        [many] { $days } يومًا
       *[other] { $days } يوم
    }، ومفاتيحها بجوارها:
    {"  "}{ $issuers }
    انقل { $key } إلى مكان غير متصل بالشبكة: لا حاجة إليه بعد الآن إلا لسلطات إصدار جديدة.
    الخطوة التالية: multaqa-certs issue --dir { $dir } --identity hub/main --new-key --out hub.pem
say-issued = صدرت شهادة لـ { $identity }، صالحة حتى { $until }.
    {"  "}{ $out }{ $key ->
        [own] {" "}(مع مفتاحها الخاص، 0600)
       *[other] {""}
    }
      الرقم التسلسلي { $serial }{ $listed ->
        [hub] {""}
       *[other] : يمكن الاتصال بها متى أُدرجت في قائمة المسموح لهم لدى المنصة المركزية
    }
say-renewed = أُنشئت سلطة الإصدار { $issuer } من جديد، وهي صالحة حتى { $until }.
    {"  "}{ $certificate }، ومفتاحها بجوارها
    {"  "}{ $previous }: الشهادات التي قبلها، وتحتاج إليها الشهادات التي صدرت عنها إلى أن تنتهي
    أعد { $root } إلى مكان غير متصل بالشبكة.
    { $issuer ->
        [hub-issuer] الخطوة التالية: شهادة المنصة المركزية الصادرة عنها، وتأخذها المنصة العاملة في أقل من دقيقة:
      {"  "}multaqa-certs issue --dir { $dir } --identity hub/main --new-key --replace --out hub/identity/hub.pem
       *[other] الخطوة التالية: انسخ { $files } إلى issuing/ في مجلد المنصة المركزية ثم أعد تشغيلها:
      {"  "}systemctl restart multaqa-hub
    }
say-requested = المفتاح (P-256) في { $key } (0600)، وطلب شهادته في { $csr }.
    أرسل الطلب إلى من لديه سلطة الإصدار:
      multaqa-certs issue --dir DIR --identity IDENTITY --csr { $csr } --out chain.pem
    ثم اجمع المفتاح والجواب في ملف الهوية الواحد:
      (umask 077; cat { $key } chain.pem > identity.pem)

# الفحص.
say-request-holds = طلب شهادة لمفتاح P-256 موقَّع بالمفتاح نفسه. ولا يُعتدّ بشيء آخر فيه.
say-verdict = شهادة { $profile } للاتحاد { $federation }، صالحة حتى { $until }: { $ok ->
        [yes] سليمة
       *[no] غير سليمة
    }
say-row = { $label }: { $value }
row-name = الاسم
row-issuer = المُصدر
row-valid = الصلاحية
row-purpose = الغرض
row-key = المفتاح
row-serial = الرقم التسلسلي
row-fingerprint = SHA-256
row-certificate = الشهادة
row-public-key = المفتاح العام
say-valid = من { $from } إلى { $until }
say-expired = من { $from } إلى { $until } (انتهت)
word-signs = توقيع شهادات أخرى
word-server = طرف الخادم من الاتصال
word-client = طرف العميل من الاتصال
word-both = طرفا الاتصال كلاهما
word-neither = ليست لأي طرف من الاتصال

# الفصل دون اتصال.
say-proven = ثابت بالقيد التأسيسي { $genesis } للاتحاد { $federation } وحده:
say-proven-record = التسجيلة { $record } كتبها { $writer } في الموضع { $seq } من الحقبة { $epoch } من سلسلته، ووقّعها بمفتاحه { $key }.
say-proven-key = ذلك المفتاح للكاتب بحكم تسجيلة المفاتيح { $record } عند { $index }، وكان نافذًا في موضع التسجيلة.
say-proven-invitation = ذلك المفتاح هو مفتاح المرة الواحدة في الدعوة التي تستعملها التسجيلة.
say-proven-operator = ذلك المفتاح للمشغّل بحكم السياسة النافذة في موضع التسجيلة.
say-proven-content = يقول محتواها: { $id }، التنقيح { $revision }، ونطاق الاطلاع { $audience }، كُتبت في { $time } بساعة كاتبها.
say-proven-stub = محتواها ليس في الملف؛ وكل محتوى بصمته SHA-256 هي { $hash } فهو المحتوى الموقَّع.
say-proven-effect = وهي تسجيلة إدارة { $effect ->
        [effective] نفذت
       *[pending] تنتظر الموافقات
    } في موضعها.
say-proven-place = موضعها { $index } من السجل { $log }، وقد قبلتها المنصة المركزية في { $time } بساعتها هي، تحت نقطة التحقّق الموقّعة عند { $size } من القيود، وجذرها { $root }.
say-proven-control = لم تُحجب تسجيلة إدارة قبل الختم عند { $index } ({ $time } بساعة المنصة المركزية): كلها في الملف وعددها { $count }، ومنها وحدها تُعرف المفاتيح.
say-proven-witnesses = من الدول الشاهدة بحكم السياسة { $policy } وعددها { $of }، وقّع نقطة التحقّق هذه أو لاحقةً تبدأ بشجرتها { $states ->
        [0] لا أحد
        [one] واحدة ({ $list })
       *[other] { $states } ({ $list })
    }؛ فهي بـ { $witnessing } مشهود لها وبـ { $quorum } مثبَّتة، وعليه فهي { $label ->
        [stable] مثبَّتة، ولا يمكن أن يثبت تاريخ غيره ما لم يوقّع ما لا ينبغي أكثر من { $faulty } منها
        [witnessed] مشهود لها، وإحداها على الأقل صادقة ما لم تكن أكثر من { $faulty } منها غير صادقة
       *[other] مقبولة، على ذمة المنصة المركزية أنها تُري الجميع سجلًا واحدًا
    }.
say-proven-unwitnessed = لا تسمّي السياسة { $policy } شهودًا: فكون الجميع يُرون سجلًا واحدًا على ذمة المنصة المركزية.
say-proven-time = كانت في موضعها في { $time } على أبعد تقدير، بساعة { $witness } التي وقّعت حينئذ.
say-since-key = ثم عُلّق المفتاح لاحقًا عند { $index }.
say-since-member = وعند الختم ليس عضو { $writer } نافذًا.
say-since-contradiction = وعند { $index } بيّنة أن الكاتب وقّع بيانين لموضع واحد من سلسلته.
say-not-proven = ولا يفصل هذا الملف: هل تلتزم التسجيلة قواعد نوعها، وهل حلّت محلها أو سحبتها تسجيلة لاحقة.
say-evidence = تبلّغ { $reporter } أن المنصة المركزية خالفت في { $time }، بساعة العقدة نفسها، قاعدةً من قواعد السجل { $log }: { $code }.
say-evidence-proven = ثابت بالقيد التأسيسي { $genesis } وحده:
say-evidence-claimed = قول المبلِّغ، وهو صحيح إن صدق:
say-evidence-enough = هذا الملف حجة عند كل أحد على أن قاعدة خولفت، أيًّا كان من يقدّمه.
say-evidence-not-enough = ليس الثابت هنا مخالفة في ذاته: فمخالفة القاعدة على ذمة المبلِّغ. قارن بملفات عقد أخرى.
say-found-forked = وقّع مفتاح السجل سجلّين مختلفين في كل منهما { $size } من القيود، جذراهما { $one } و{ $other }: لقد شعّبت المنصة المركزية السجل.
say-found-ordered = وقّع مفتاح السجل سجلًا فيه { $size } من القيود، وقيده { $index } يخالف قاعدة: { $rule } ({ $code })
say-found-contradicted = وقّع { $writer } تسجيلتين مختلفتين للموضع { $seq } من الحقبة { $epoch } من سلسلته.
say-found-content = المحتوى المعروض مع القيد { $index } هو ما وقّعه { $writer }، وليس { $member } ضمن نطاق اطلاعه بحكم تسجيلات الإدارة التي في الملف.
say-found-elsewhere = وقّع مفتاح السجل سجلًا فيه { $size } من القيود، وفي موضعه { $index } قيد آخر (ورقته { $leaf }) غير التسجيلة { $record } التي وقّعها { $writer }.
say-found-closed-below = وقّع مشغّلون أن السجل { $log } أُقفل عند { $closed } قيدًا، مع أن { $states }، وهي نصاب من الدول، كانت قد شاركت في توقيع { $stable } قيدًا منه أو أكثر: فما كان هناك مستقر، وأُريد إسقاطه.
say-found-vouched = شاركت { $states } في توقيع السجل بقيوده { $size }، وكان آخرها في { $time } بحسب ساعته.
say-found-signed = وقّع مفتاح السجل سجلًا فيه { $size } من القيود وجذره { $root }، وشجرة المبلِّغ هي تلك.
say-found-reported = الملف من { $reporter }: وقّعه مفتاح تسجيلاتها في الحقبة { $epoch }، وهو لها بحكم تسجيلات الإدارة التي في الملف.
say-found-reporter-unknown = أن الملف من { $reporter }: فتسجيلات الإدارة التي تُثبت مفتاحها ليست فيه.
say-found-shown = أن المنصة المركزية أرسلت إلى { $reporter } ما في الملف، وأن الملف لم يُسقط شيئًا مما كان لديها قبله. فإن صح ذلك فقد خولفت قاعدة: { $rule } ({ $code })
say-found-not-shown = أن المنصة المركزية خالفت قاعدة لا تُظهرها أجزاء الملف: { $rule } ({ $code })
