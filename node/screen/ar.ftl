# ما يقوله سطر أوامر العقدة. المعرّفات والرموز والأوامر واحدة في كل اللغات.
# عناوين الجداول.
head-id = المعرّف
head-revision = التنقيح
head-accepted = القبول
head-title = العنوان
head-state = الحالة
head-record = التسجيلة
head-index = موضع القيد
head-writer = الكاتب
head-sequence = التسلسل
head-code = الرمز
head-signed = التوقيع
head-key = المفتاح
head-value = القيمة
head-origin = المصدر

# عناوين الصفوف.
row-revision = التنقيح
row-state = الحالة
row-audience = نطاق الاطلاع
row-authored = التحرير
row-accepted = القبول
row-index = موضع القيد
row-node = العقدة
row-class = فئة العضو
row-version = الإصدار
row-started = بدء التشغيل
row-certificate = الشهادة صالحة حتى
row-issuer = جهة إصدار الأنظمة حتى
row-members = الأعضاء
row-objects = المواد
row-chain = سلسلة العقدة
row-outbox = صندوق الصادر
row-blocked = توقّف صندوق الصادر
row-evidence = بيّنة
row-unerased = لم يُمحَ
row-contradiction = تناقض
row-log-begun = خلف سابقه
row-root = جذر السجل
row-copied = منسوخة
row-line = الخط
row-witnesses = الشهود
row-fast-start = البدء السريع
row-search = البحث
row-cosigned = وقّعت شاهدةً على
row-silent = شاهد صامت
row-standing = درجة الثبوت

# كلمات الحالة.
word-valid = سارية
word-void = لاغية
word-withdrawn = مسحوبة
word-withdraws = إشعار سحب
word-unjudged = لم يُحكم عليها
word-queued = تنتظر الإرسال
word-accepted = مقبولة
word-rejected = مرفوضة
word-unchanged = بلا تغيير
word-default = القيمة المبدئية
word-line-down = الخط مقطوع
word-hub-refusing = المنصة المركزية ترفض
word-alarm = إنذار
word-log-frozen = السجل متوقف
word-behind = متأخر عن السجل
word-unwitnessed = بلا شهود كافين
word-live = محدَّث

# حداثة البيانات.
say-as-of = حداثة البيانات: { $age } (السجل { $log }، { PLURAL($size) ->
        [zero] 0 قيد
        [one] قيد واحد
        [two] قيدان
        [few] { $size } قيود
        [many] { $size } قيدًا
       *[other] { $size } قيد
    })، { $state }
say-no-log = لم تتلقَّ العقدة السجل بعد
say-line-down = ؛ الخط إلى المنصة المركزية مقطوع منذ { $since } ({ $age })
say-line-down-why = ؛ الخط إلى المنصة المركزية مقطوع منذ { $since } ({ $age }): { $code }
say-alarm = ؛ إنذار { $code }: لا يُطبَّق شيء أحدث
say-frozen = ؛ السجل متوقف { $code }: قد لا يصل شيء أحدث
say-fast-start = حتى { $end }؛ كل القيود محفوظة ابتداءً من { $from }
say-fast-start-going = { $taken } من { $end } قيدًا؛ لا إجابة قبل انتهائه
say-cosigned = الحجم { $size }، { $age }
say-unwitnessed = ؛ بلا شهود كافين منذ { $since } ({ $age })
say-copied = رفضت المنصة المركزية صورة منسوخة من هذه العقدة { $age }: ابحث عنها وأوقفها
say-line = { $state } منذ { $since } ({ $age })
say-behind = ؛ { PLURAL($count) ->
        [zero] لا قيود
        [one] قيد واحد
        [two] قيدان
        [few] { $count } قيود
        [many] { $count } قيدًا
       *[other] { $count } قيد
    } في الانتظار

# القراءة.
say-void = لاغية: { $code }
say-unerased = { $id }: { PLURAL($count) ->
        [zero] لم تبقَ تسجيلات
        [one] بقيت تسجيلة واحدة
        [two] بقيت تسجيلتان
        [few] بقيت { $count } تسجيلات
        [many] بقيت { $count } تسجيلة
       *[other] بقيت { $count } تسجيلة
    }؛ أعد السحب بالأمر: { $command }
say-resync = من الموضع { $position } فصاعدًا، وقد لا يصح ما طُبع قبله بعد الآن، فاقرأه من جديد بالأمر `multaqa-node list`.
say-more = يوجد أكثر من { $limit }: زِد --limit
say-node-of = { $writer } في { $federation }
say-chain = الحقبة { $epoch }، التسلسل { $seq }
say-outbox = في الانتظار { $waiting }، وأخفق { $failed }
say-waiting = { PLURAL($count) ->
        [zero] لا شيء في الانتظار
        [one] تسجيلة واحدة في الانتظار
        [two] تسجيلتان في الانتظار
        [few] { $count } تسجيلات في الانتظار
        [many] { $count } تسجيلةً في الانتظار
       *[other] { $count } تسجيلة في الانتظار
    }
say-approval = المطلوب { PLURAL($needed) ->
        [zero] لا شيء
        [one] موافقة دولة واحدة
        [two] موافقة دولتين
        [few] موافقة { $needed } دول
        [many] موافقة { $needed } دولةً
       *[other] موافقة { $needed } دولة
    }؛ { $approved ->
        [none] لم يوافق أحد بعد
       *[other] وافق: { $approved }
    }
say-approve-with = للموافقة: { $command }
say-nothing-waits = لا شيء ينتظر موافقة هذا العضو

# الكتابة.
say-publishable = { PLURAL($count) ->
        [zero] لا تسجيلات للنشر
        [one] يمكن نشر تسجيلة واحدة
        [two] يمكن نشر تسجيلتين
        [few] يمكن نشر { $count } تسجيلات
        [many] يمكن نشر { $count } تسجيلةً
       *[other] يمكن نشر { $count } تسجيلة
    }
say-approves = موافقة على { $target }
say-approved-before = سبق أن وافق هذا العضو على { $target }
say-joined = انضمت { $writer }
say-joined-before = سبق أن انضمت { $writer }، ولم يُستعمل المفتاح
say-start = شغّلها بالأمر: { $command }

# الفحص والإعدادات.
say-entry = القيد { $index }
say-node = العقدة
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

# الإثباتات.
say-proof = إثبات { $record } في الملف { $path }.
    موضعها في السجل { $index }، تحت نقطة التحقّق عند { $size } من القيود، وقد وقّعها من الدول الشاهدة { $states } من { $of }: { $label ->
        [stable] مثبَّتة
        [witnessed] مشهود لها
       *[other] مقبولة
    }.
    ومن عنده معرّف القيد التأسيسي يفصل بها دون اتصال:
      multaqa-certs verify-record { $path } --genesis { $genesis }

# النسخ الاحتياطية.
say-backup-made = النسخة الاحتياطية { $path }: { $node }، الحقبة { $epoch }، حتى التسجيلة { $seq }
say-backup-sound = سليمة: النسخة الاحتياطية { $path } بتاريخ { $at }: { $node }، الحقبة { $epoch }، حتى التسجيلة { $seq }
say-restored = استُعيدت من { $path } المؤرخة { $at }: { $node }، الحقبة { $epoch }، حتى التسجيلة { $seq }؛ ولا يُوقَّع شيء قبل مقارنتها بالسجل
say-genesis = كُتبت تسجيلة التأسيس { $genesis } في { $path }

# أنظمة الجهات.
head-client = النظام
head-until = الشهادة صالحة حتى
head-scopes = الصلاحيات
row-scopes = الصلاحيات
row-added = الإضافة
row-revoked = الإلغاء
row-denied = الرفض
word-revoked = ملغى
word-let-in = مسموح له
say-client-issued = شهادة { $name } في { $path }، صالحة حتى { $until }
say-client-may = صلاحيات { $name }: { $scopes }
say-client-calls-nothing = صلاحيات call: محفوظة لكنها لا تتيح شيئًا: فهذا الإصدار لا يستدعي خدمات الأعضاء الآخرين
say-client-denied = عدد المرات منذ تشغيل العقدة { $times }، آخرها { $last }
say-client-revoked = لم يعد يُسمح للنظام { $name } بالدخول: يُرفض طلبه التالي وتُقطع اتصالاته
say-client-port = تصل الأنظمة إلى هذه العقدة على { $endpoint }
say-client-port-off = منفذ الأنظمة مغلق: اضبط clients.listen وclients.names في الملف node.toml ثم شغّل العقدة من جديد
say-client-ca = وتعرفها بجهة الإصدار في { $path }؛ سلّم هذا الملف مع الشهادة
say-issuer = جهة الإصدار للأنظمة صالحة حتى { $until }، وتعرف الأنظمةُ المنفذَ بالملف { $path }
say-issuer-previous = ما زالت السابقة لها مستعملة، حتى { $until } على الأكثر: يُظهر المنفذ شهادة منها
say-issuer-left = أنظمة ليس لها إلا شهادات من السابقة: { $names }
say-issuer-none-left = لكل نظام شهادة من الجديدة، أو لا شهادة له

# البحث.
say-found = { PLURAL($total) ->
        [zero] لا نتائج
        [one] نتيجة واحدة
        [two] نتيجتان
        [few] { $total } نتائج
        [many] { $total } نتيجة
       *[other] { $total } نتيجة
    }
say-nothing-found = لا نتائج
say-did-you-mean = هل تقصد «{ $text }»؟
say-more-found = وهناك نتائج أخرى: يعرضها الخيار --limit
say-search = الفهرس يغطي { $size } من القيود
say-search-made = الفهرس قيد البناء: { $size } من القيود
