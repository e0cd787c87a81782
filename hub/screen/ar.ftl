# ما يقوله سطر أوامر المنصة المركزية. المعرّفات والرموز والأوامر واحدة في كل اللغات.
# عناوين الجداول.
head-member = العضو
head-class = الفئة
head-status = الحالة
head-name = الاسم
head-node = العقدة
head-node-status = حالة العقدة
head-line = الخط
head-cursor = موضع المزامنة
head-group = المجموعة
head-history = ما سبق الانضمام
head-members = الأعضاء
head-key = المفتاح
head-value = القيمة
head-origin = المصدر

# عناوين الصفوف.
row-log = السجل
row-hub = المنصة المركزية
row-ordering = ترتيب القيود
row-certificate = الشهادة صالحة حتى
row-contradiction = تناقض
row-issuing = سلطة الإصدار صالحة حتى
row-members = الأعضاء
row-nodes = العقد
row-groups = المجموعات
row-policy = السياسة
row-operators = المشغّلون
row-log-key = مفتاح السجل
row-rules = القواعد
row-witnesses = الشهود
row-witness = شاهد
row-restored = مستعاد
row-copied = منسوخة
row-away = غير متصلة
row-behind = متأخرة
row-pending = تنتظر الموافقات:

# كلمات الحالة.
word-active = نشط
word-suspended = معلَّق
word-frozen = مجمَّدة
word-invited = مدعو
word-expired = انتهت الدعوة
word-full = كامل
word-from-join = منذ الانضمام
word-connected = متصل
word-never-heard = لم يتصل قط
word-never = لم تتصل قط
word-running = مستمر
word-default = القيمة المبدئية

# الحالة العامة.
say-log = { PLURAL($size) ->
        [zero] 0 قيد
        [one] قيد واحد
        [two] قيدان
        [few] { $size } قيود
        [many] { $size } قيدًا
       *[other] { $size } قيد
    }، منها { $control } للتحكّم، الجذر { $root }
say-hub = الإصدار { $version }، مدة التشغيل { $up }، حجم المخزن { $store }، فرق ساعتها عن ساعتنا { $skew } ملّي ثانية
say-halted = متوقف: { $code }
say-members = النشطون { $active }، المعلَّقون { $suspended }
say-nodes = المتصلة { $connected } (المتأخرة منها { $behind })، غير المتصلة { $away }، المدعوّة { $invited }، المعلَّقة { $suspended }
say-away = { $node }، آخر اتصال: { $age }
say-pending = الموافقات { $given } من { $needed } ({ $by })
say-approve-with = للموافقة: { $command }
say-nothing-waits = لا شيء ينتظر الموافقات

# ما تم.
say-in-force = { $what }: نافذ منذ القيد { $index }، التسجيلة { $record }
say-waits = { $what }: ينتظر الموافقات، التسجيلة { $record }
say-group = المجموعة { $group }
say-policy = السياسة { $number }
say-operator-made = المشغّل { $operator } في { $federation }، تسجيلة التأسيس { $genesis }
      المفتاح { $key }
say-operator-next = الخطوة التالية:
    1. على جهاز سلطة الشهادات:  multaqa-certs issue --dir ca --identity operator/{ $operator } --new-key --out tls.pem
       ثم انقل الملف إلى       { $dir }/tls.pem
    2. يقترح مشغّل نافذ:         multaqa-hub policy operators add { $operator }={ $key } --required 2
    3. على جهاز المنصة المركزية بعد نفاذ ذلك: multaqa-hub allow --dir DIR --certificate tls.pem
    احفظ { $dir }/record.key على هذا الجهاز وحده، مع نسخة احتياطية خاصة به.
say-operators = يلزم اتفاق { $required } من أصل { $count }: { $names }
say-suspended = تعليق { $member }
say-reinstated = إعادة { $member } بعد التعليق
say-approved = الموافقة
say-approved-before = سبق أن وافقتَ عليها ({ $by })
say-approvals = الموافقات { $given } من { $needed }: { $by }.
    توافق الدولة بالأمر  multaqa-node approve { $record }
    ويوافق المشغّل بالأمر multaqa-hub approve { $record }
say-allowed = يمكن لـ { $peer } الاتصال بالشهادة { $serial } حتى { $until }

# الدعوة.
say-admitted = أصبح { $member } عضوًا: التسجيلة { $record }
say-join-key = مفتاح انضمام { $node }، صالح حتى { $until }، ويُستعمل مرة واحدة بالأمر: multaqa-node join --key-file FILE
    سلّمه كما تسلّم سرًّا، في ملف لا يقرؤه غير مالكه.
say-replaces-node = تنبيه: { $node } عقدة عاملة. عند استعمال هذا المفتاح تنتهي مفاتيحها وشهادتها فورًا ويضيع ما لم ترسله بعد. لعقدة ثانية للعضو نفسه استعمل --node NAME.

# الإنشاء.
say-made = الاتحاد { $federation }، التسجيلة التأسيسية { $genesis }
say-next-steps = الخطوات التالية:
    1. انقل هذين المفتاحين إلى مكان غير متصل بالشبكة: { $ca }/root.key و{ $dir }/standby.key
    2. شغّل المنصة المركزية: multaqa-hub serve --config { $dir }/hub.toml
    3. اقبل عضوًا وادعُ عقدته: multaqa-hub invite JO --name ar=الأردن --operator-dir { $operator }{ $hub ->
        [none] {" "}--hub HOST:PORT
       *[known] {""}
    }
    مكان مجلد المشغّل ({ $operator }) جهاز آخر غير جهاز المنصة.
    تعيش شهادات المنصة والمشغّلين 7 أيام، ويُصدر multaqa-certs issue شهادات جديدة من { $ca }. توضع شهادة المنصة الجديدة
    مكان { $dir }/identity/hub.pem، وتُقبل شهادة المشغّل الجديدة بالأمر multaqa-hub allow --dir { $dir } --certificate FILE.

# الفحص والإعدادات.
say-entry = القيد { $index }
say-whole-log = السجل
say-sound = سليم: { PLURAL($size) ->
        [zero] 0 قيد
        [one] قيد واحد
        [two] قيدان
        [few] { $size } قيود
        [many] { $size } قيدًا
       *[other] { $size } قيد
    }، الجذر { $root }
say-damaged = تالف: { PLURAL($size) ->
        [zero] 0 قيد
        [one] قيد واحد
        [two] قيدان
        [few] { $size } قيود
        [many] { $size } قيدًا
       *[other] { $size } قيد
    }، الجذر { $root }
say-config-sound = الإعدادات سليمة

# النسخ الاحتياطية.
say-copying = تُنسخ قاعدة البيانات كما هي في هذه اللحظة، وللمنصة المركزية أن تواصل عملها.
say-checking = تُفحص النسخة الاحتياطية انطلاقًا من تسجيلاتها.
say-backup-made = النسخة الاحتياطية { $path }: { PLURAL($size) ->
        [zero] لا قيود
        [one] قيد واحد
        [two] قيدان
        [few] { $size } قيود
        [many] { $size } قيدًا
       *[other] { $size } قيد
    }، الجذر { $root }
say-backup-sound = سليمة: النسخة الاحتياطية { $path } بتاريخ { $at }، وفيها { PLURAL($size) ->
        [zero] لا قيود
        [one] قيد واحد
        [two] قيدان
        [few] { $size } قيود
        [many] { $size } قيدًا
       *[other] { $size } قيد
    }، الجذر { $root }
say-restored = استُعيدت من { $path } المؤرخة { $at }: { PLURAL($size) ->
        [zero] لا قيود
        [one] قيد واحد
        [two] قيدان
        [few] { $size } قيود
        [many] { $size } قيدًا
       *[other] { $size } قيد
    }، الجذر { $root }
say-restored-next = الخطوة التالية: ضع في { $dir } ما ينقص من log.key وidentity/ وissuing/ من نسختها الاحتياطية الخاصة، ثم شغّل المنصة المركزية:
      multaqa-hub serve --config { $dir }/hub.toml
    ولا تمنح أي رقم قيد قبل أن تردّ العقد ما نُشر منذ ذلك الحين؛ ويُظهر الأمر multaqa-hub status إلى أين وصلت.

# سجل مستعاد.
say-refilling = { $age }، وفيه { PLURAL($from) ->
        [zero] لا قيود
        [one] قيد واحد
        [two] قيدان
        [few] { $from } قيود
        [many] { $from } قيدًا
       *[other] { $from } قيد
    }؛ يُستكمل الآن حتى { $goal }، { $awaited ->
        [0] ولا يُنتظر أحد
       *[other] ويجب أن تتصل { $awaited } أخرى من هذه: { $silent }
    }، والمحتويات الناقصة { $missing }
say-contradicted = { $age }، وفيه { PLURAL($from) ->
        [zero] لا قيود
        [one] قيد واحد
        [two] قيدان
        [few] { $from } قيود
        [many] { $from } قيدًا
       *[other] { $from } قيد
    }؛ متناقض: لدى عقد سجل آخر، انظر multaqa-hub log
say-refilled = { $age }، وفيه { PLURAL($from) ->
        [zero] لا قيود
        [one] قيد واحد
        [two] قيدان
        [few] { $from } قيود
        [many] { $from } قيدًا
       *[other] { $from } قيد
    }، وقد اكتمل؛ والمحتويات الناقصة { $missing }
say-copied = { $node }: رُفضت صورة منسوخة منها { $age }؛ ابحث عنها وأوقفها
say-rebuilding = يُعاد بناؤها من العقد: تسجيلة التأسيس { $genesis }
say-rebuilding-next = الخطوة التالية: اسمح بشهادات المشغّلين من جديد وشغّل المنصة المركزية؛ فتجدها العقد في عنوانها وتملؤها:
      multaqa-hub allow --dir { $dir } --certificate OPDIR/tls.pem
      multaqa-hub serve --config { $dir }/hub.toml
    ولا تمنح أي رقم قيد قبل أن تذكر كل العقد السارية إلى أين وصل السجل لديها؛ ويُظهر الأمر multaqa-hub status مَن يُنتظر.
say-released = أُطلق: يواصل السجل من { PLURAL($size) ->
        [zero] 0 قيد
        [one] قيد واحد
        [two] قيدين
        [few] { $size } قيود
        [many] { $size } قيدًا
       *[other] { $size } قيد
    } عند التشغيل التالي
say-released-notice = استُعيدت المنصة المركزية، وأذن المشغّل { $by } بأن يواصل السجل من { PLURAL($size) ->
        [zero] 0 قيد
        [one] قيد واحد
        [two] قيدين
        [few] { $size } قيود
        [many] { $size } قيدًا
       *[other] { $size } قيد
    } دون سؤال جميع الشهود: { $reason }

# التمرين.
say-drilling = يجري التمرين على نسخة، ولا يُفعل بالقاعدة العاملة إلا القراءة.
say-drill-sound = سليمة: وُضعت النسخة الاحتياطية المؤرخة { $at } وفيها { PLURAL($size) ->
        [zero] لا قيود
        [one] قيد واحد
        [two] قيدان
        [few] { $size } قيود
        [many] { $size } قيدًا
       *[other] { $size } قيد
    }، الجذر { $root }
say-drill-failed = أخفق التمرين: وُضعت النسخة الاحتياطية المؤرخة { $at } وفيها { PLURAL($size) ->
        [zero] لا قيود
        [one] قيد واحد
        [two] قيدان
        [few] { $size } قيود
        [many] { $size } قيدًا
       *[other] { $size } قيد
    }، الجذر { $root }
say-drill-times = أُنشئت في { $create }، وفُحصت ووُضعت في { $restore }، وفُحصت ثانية في { $check }
say-drill-refill = في السجل العامل { PLURAL($live) ->
        [zero] لا قيود
        [one] قيد واحد
        [two] قيدان
        [few] { $live } قيود
        [many] { $live } قيدًا
       *[other] { $live } قيد
    }: تردّ العقد منها { $missing }؛ والعقد التي كانت لديها كلها عند آخر اتصال: { $holders }
say-drill-other = للسجل العامل جذر آخر عند { PLURAL($size) ->
        [zero] 0 قيد
        [one] قيد واحد
        [two] قيدين
        [few] { $size } قيود
        [many] { $size } قيدًا
       *[other] { $size } قيد
    }، أو ليس فيه هذا العدد: النسخة من سجل آخر

# أي سجل هذا، وكيف يُغلق.
row-log-begun = خلف سابقه
row-log-state = الحال
row-log-close-at = يمكن إغلاقه
row-log-decided = قرّر
row-log-silent = صامتون حتى الآن
row-log-set-aside = موضوع جانبًا
say-log-number = السجل { $log }، { PLURAL($size) ->
        [zero] لا قيود
        [one] قيد واحد
        [two] قيدان
        [few] { $size } قيود
        [many] { $size } قيدًا
       *[other] { $size } قيد
    }
say-log-goes-on = يقبل التسجيلات
say-log-refilling = يُستكمل: لا يقبل تسجيلات قبل أن يستعيد كل ما نُشر
say-log-contradicted = متناقض: لدى العقد سجل آخر، ولو أُغلق لعاد إلى { $size }
say-log-closing = قيد الإغلاق: عاد إلى { $size }، { PLURAL($awaited) ->
        [zero] ولا يُنتظر أحد
        [one] ويُنتظر واحد ليقول إلى أي حد لديه السجل
        [two] ويُنتظر اثنان ليقولا إلى أي حد لديهما السجل
        [few] ويُنتظر { $awaited } ليقولوا إلى أي حد لديهم السجل
        [many] ويُنتظر { $awaited } ليقولوا إلى أي حد لديهم السجل
       *[other] ويُنتظر { $awaited } ليقولوا إلى أي حد لديهم السجل
    }
say-log-closable = قيد الإغلاق: للمشغّلين أن يقرروا أن يبدأ السجل التالي عند { $size }
say-log-close-at = يبدأ السجل { $log } عند { $size } بالجذر { $root }، والنصاب { $quorum }، ويشهد له: { $states }
say-log-decided = { $decided } من { $needed } { $by }
say-log-set-aside = { PLURAL($count) ->
        [zero] لا تسجيلات
        [one] تسجيلة واحدة تُرتَّب من جديد
        [two] تسجيلتان تُرتَّبان من جديد
        [few] { $count } تسجيلات تُرتَّب من جديد
        [many] { $count } تسجيلة تُرتَّب من جديد
       *[other] { $count } تسجيلة تُرتَّب من جديد
    }
say-log-above = { PLURAL($count) ->
        [zero] لا قيود فوق { $size }
        [one] قيد واحد فوق { $size }
        [two] قيدان فوق { $size }
        [few] { $count } قيود فوق { $size }
        [many] { $count } قيدًا فوق { $size }
       *[other] { $count } قيد فوق { $size }
    }
say-log-decide-too = { PLURAL($more) ->
        [one] يبقى أن يقرّر مشغّل واحد
        [two] يبقى أن يقرّر مشغّلان
        [few] يبقى أن يقرّر { $more } مشغّلين
       *[other] يبقى أن يقرّر { $more } مشغّلًا
    }؛ وما تقرّر محفوظ ولو أُعيد تشغيل المنصة المركزية. يكتب كل منهم، بسبب من عنده:
      multaqa-hub log succeed --reason TEXT --yes --operator-dir DIR
say-log-stopped = المنصة المركزية متوقفة. شغّلها من جديد، وانتظر حتى تتصل عقدها، ثم أغلق السجل.
say-log-dry = لم يتغيّر شيء. نفّذ الأمر مع --yes ليتم.
