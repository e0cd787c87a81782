# المكالمات

CALLER_UNKNOWN = وصل الاستدعاء من دون طرف متحقَّق من هويته.
    .act = hub
    .next = أبلغ عن أسطر سجلّ التشغيل المحيطة به؛ ويبيّن `multaqa-hub status` سلامة المنصة المركزية.

CALLER_NOT_ALLOWED = لا يحق لـ { $peer } استدعاء { $service }.
    .act = member-node
    .next = انضمّ أولًا بالأمر `multaqa-node join KEY`؛ ويستعمل المشغّلون مجلدهم الخاص مع `multaqa-hub status`.

REQUEST_MALFORMED = الحقل { $field } في الطلب مفقود أو غير سليم.
    .act = member-node
    .next = قارن الإصدارين بالأمرين `multaqa-node --version` و`multaqa-hub --version`، وحدّث الأقدم منهما.

HUB_DRAINING = المنصة المركزية في طور التوقف ولا تقبل جديدًا.
    .act = member-node
    .next = لم يُفقد شيء: تعيد العقدة المحاولة من تلقاء نفسها؛ ويبيّن `multaqa-node status` متى تتصل.

HUB_SCHEMA_UNUSABLE = تعذّر على المنصة المركزية وصف خدماتها: { $detail }.
    .act = hub
    .next = أعد تثبيت البرنامج؛ ويجب أن يعمل `multaqa-hub --version` قبل `multaqa-hub serve`.

# المتابعة والإرسال

VERSION_UNSUPPORTED = تتحدث العقدة بإصدارات البروتوكول { $offered }، وتتحدث المنصة المركزية بالإصدار { $spoken }.
    .act = member-node
    .next = حدّث الطرف الأقدم، ثم شغّل العقدة بالأمر `multaqa-node serve`.

LOG_UNKNOWN = طُلب السجل { $asked }، والمنصة المركزية تخدم السجل { $current }.
    .act = member-node
    .next = انظر أيَّ سجل تتبعه العقدة بالأمر `multaqa-node status`.

HUB_BEHIND = لدى العقدة { $cursor } من القيود، وليس لدى المنصة المركزية سوى { $size }: استُعيدت المنصة من نسخة احتياطية قديمة.
    .act = operator
    .next = أوقف المنصة، واستعد أحدث نسخة احتياطية، ثم افحصها بالأمر `multaqa-hub fsck --dir DIR`.

CURSOR_FORKED = تحوي العقدة تاريخًا مختلفًا عن المنصة المركزية حتى القيد { $size }.
    .act = operator
    .next = احتفظ بقاعدتي البيانات، وقارن `multaqa-hub fsck --json` مع `multaqa-node fsck --json`، وأبلغ جميع المشغّلين.

NODE_DUPLICATE = نسخة أخرى من { $node } متصلة: توجد نسختان من هذه العقدة.
    .act = member-node
    .next = أوقف إحداهما؛ ويبيّن `multaqa-node status` على كل جهاز أيهما متصلة.

STREAMS_TOO_MANY = بلغت { $node } الحد الأقصى لمجاري البيانات المفتوحة.
    .act = member-node
    .next = أعد تشغيل العقدة بالأمر `multaqa-node serve`؛ ويمكن للمشغّل رفع `limits.streams_per_node`.

BATCH_TOO_LARGE = يحوي طلب واحد { $found } من التسجيلات، ولا يجوز أن يبقى بلا جواب أكثر من { $max }.
    .act = member-node
    .next = انشر على دفعات أصغر: `multaqa-node publish FILE` ملفًّا بعد ملف.

RANGE_WRONG = المدى من { $from } إلى { $to } ليس من هذا السجل ذي { $size } من القيود.
    .act = member-node
    .next = انظر موضع العقدة بالأمر `multaqa-node status`.

# الانضمام

REDEEM_OTHER_INVITATION = تسجيلة المفاتيح تخص { $writer }، لكن الدعوة لعقدة أخرى.
    .act = member-node
    .next = اطلب من المشغّل مفتاح انضمام لهذه العقدة ونفّذ `multaqa-node join KEY` في مجلد فارغ.

REDEEM_NOT_KEY = ما أُرسل لاستعمال الدعوة ليس تسجيلة مفاتيح بمحتواها.
    .act = member-node
    .next = قارن الإصدارين بالأمرين `multaqa-node --version` و`multaqa-hub --version`، ثم نفّذ `multaqa-node join KEY` من جديد.

# المشغّلون

OPERATOR_CHAIN_NOT_OWN = تعرض المنصة المركزية على أنها أحدث تسجيلة لـ { $writer } تسجيلةً لم يوقّعها مفتاح هذا المشغّل.
    .act = operator
    .next = توقف عن استعمال هذه المنصة؛ وأبلغ بقية المشغّلين وافحصها بالأمر `multaqa-hub fsck --dir DIR`.

OPERATOR_CHAIN_HUB_BEHIND = لدى المنصة المركزية { $hub } من تسجيلات { $writer }، وقد وُقّع { $own }: استُعيدت من نسخة احتياطية قديمة أو تخفي تسجيلات.
    .act = operator
    .next = لم يُوقَّع شيء. استعد أحدث نسخة احتياطية للمنصة وافحصها بالأمر `multaqa-hub fsck --dir DIR`.

OPERATOR_CHAIN_FORKED = لدى المنصة المركزية عند الموضع { $seq } تسجيلة لـ { $writer } غير التي وُقّعت هنا: استُعمل المفتاح من نسختين من المجلد.
    .act = operator
    .next = ابحث عن النسخة الأخرى واحتفظ بمجلد واحد فقط، ثم انظر حال المنصة بالأمر `multaqa-hub status`.

OPERATOR_DIR_MISSING = لم يُذكر مجلد مشغّل.
    .act = operator
    .next = اذكره بالخيار `--operator-dir DIR` أو بالأمر `export MULTAQA_OPERATOR_DIR=DIR`.

HUB_ADDRESS_MISSING = لا يذكر مجلد المشغّل { $dir } أي عنوان للمنصة المركزية.
    .act = operator
    .next = اذكره بالخيار `--hub HOST:PORT`؛ وتكتب المنصة عنوانها في الملف hub.addr في مجلدها.

HUB_ADDRESS_MALFORMED = `{ $address }` ليس عنوانًا لمنصة مركزية.
    .act = operator
    .next = اذكر المضيف والمنفذ، مثل `--hub hub.example.org:7400`.

HUB_CALL_FAILED = فشل الاستدعاء الموجَّه إلى المنصة المركزية: { $detail }.
    .act = operator
    .next = تحقق من تشغيل المنصة بالأمر `systemctl status multaqa-hub`، ثم أعد الأمر: فما وُقّع لا يوقَّع مرتين.

HUB_ANSWER_WRONG = أجابت المنصة المركزية بما لا يجيزه البروتوكول: { $detail }.
    .act = hub
    .next = قارن `multaqa-hub --version` هنا وعلى جهاز المنصة، ثم افحصها بالأمر `multaqa-hub fsck --dir DIR`.

GENESIS_OTHER = المنصة المركزية من اتحاد آخر: تسجيلة تأسيسها { $found }، والمنتظر { $expected }.
    .act = operator
    .next = اذكر المنصة الصحيحة بالخيار `--hub HOST:PORT` أو المجلد الصحيح بالخيار `--operator-dir DIR`.

ACT_WITHOUT_EFFECT = التسجيلة { $record } مدرجة في السجل عند { $index } لكنها لم تغيّر شيئًا: سبقها إجراء آخر.
    .act = operator
    .next = انظر ما هو سارٍ بالأمرين `multaqa-hub members` و`multaqa-hub group`، ثم أعد الأمر.

MEMBER_CLASS_MISSING = { $member } هيئة جديدة بلا دولة: يجب ذكر فئتها.
    .act = operator
    .next = أعد الأمر مع الفئة: `multaqa-hub invite { $member } --class partner --name en=NAME`.

MEMBER_CLASS_FIXED = { $member } عضو من الفئة { $class }، وهي ثابتة منذ القبول.
    .act = operator
    .next = احذف الخيار `--class`: `multaqa-hub invite { $member }`.

MEMBER_PENDING = قبول { $member } في انتظار الموافقات.
    .act = operator
    .next = لينفّذ المشغّلون الآخرون `multaqa-hub approve { $record }`، ثم أعد الدعوة.

MEMBER_STATUS_SAME = حالة { $member } هي { $status } بالفعل.
    .act = operator
    .next = اعرض جميع الأعضاء بالأمر `multaqa-hub members`.

GROUP_EXISTS = المجموعة { $group } موجودة.
    .act = operator
    .next = غيّرها بالأمر `multaqa-hub group add { $group } CODE` أو اختر اسمًا آخر.

GROUP_UNCHANGED = ستبقى المجموعة { $group } كما هي.
    .act = operator
    .next = اعرض أعضاءها بالأمر `multaqa-hub group`.

INIT_DIR_USED = المجلد { $dir } غير فارغ: لا يُكتب فوق شيء.
    .act = operator
    .next = اذكر مجلدًا جديدًا، أو انظر ما فيه بالأمر `ls -la { $dir }`.

INIT_FEDERATION_OTHER = سلطة الشهادات تخص الاتحاد { $found }، والمطلوب { $asked }.
    .act = operator
    .next = أعد الأمر مع `--federation { $found }` أو اذكر سلطة الشهادات الصحيحة بالخيار `--ca DIR`.

ALLOW_NOT_OPERATOR = الشهادة باسم { $peer } وليست لمشغّل: تصدر المنصة المركزية شهادات العقد بنفسها.
    .act = operator
    .next = اذكر شهادة مشغّل: `multaqa-certs issue --dir CA --identity operator/NAME --new-key --out FILE`.

WRITER_NOT_PEER = وصلت تسجيلة باسم { $writer } عبر اتصال { $peer }؛ ولا يرسل الطرف إلا تسجيلاته.
    .act = member-node
    .next = تحقّق من شهادة العقدة بالأمر `multaqa-certs inspect FILE` ومن تسجيلاتها بالأمر `multaqa-node status`.

CONTENT_MISSING = أُرسلت تسجيلة بلا محتواها.
    .act = member-node
    .next = افحص تسجيلات العقدة بالأمر `multaqa-node fsck`.

BATCH_FAILED = تعذّر على المنصة المركزية حفظ هذه الدفعة: { $detail }. لم يدخل شيء منها في السجل.
    .act = hub
    .next = ستعيد العقدة الإرسال من تلقاء نفسها؛ وافحص المساحة المتاحة لدى المنصة بالأمر `df -h`.

HUB_HALTED = المنصة المركزية لا تستقبل تسجيلات: { $why }. أما القراءة فمستمرة.
    .act = operator
    .next = ابحث عن أول خطأ في مخرجات المنصة، وافحص المخزن بالأمر `multaqa-hub fsck --dir DIR`، ثم أعد تشغيلها.

CURSOR_UNKNOWN = لا تنتهي أي دفعة من السجل عند { $cursor }.
    .act = member-node
    .next = افحص النسخة المحلية للعقدة بالأمر `multaqa-node fsck`.

HUB_ALREADY_RUNNING = تعمل منصة أخرى على هذا المخزن، وهي تمسك بالملف { $path }.
    .act = operator
    .next = ابحث عن العملية بالأمر `fuser { $path }`؛ فلا ترتّب التسجيلات إلا منصة واحدة.

LOCK_UNUSABLE = لا يمكن استعمال ملف القفل { $path }: { $detail }.
    .act = operator
    .next = انظر في الملف وصلاحياته بالأمر `ls -l { $path }`.

LOG_BEHIND_LOCK = في السجل { $found } قيدًا، وليس فيه نقطة التحقّق الموقّعة الأخيرة المنشورة عند { $locked } ({ $path }): المخزن نسخة قديمة. لا تُرتَّب أي تسجيلة فوقه.
    .act = operator
    .next = أعد أحدث نسخة من المخزن، ثم افحصها بالأمر `multaqa-hub fsck --dir DIR`.

LOG_KEY_WRONG = مفتاح السجل لدى المنصة ليس المفتاح الذي تسمّيه السياسة.
    .act = operator
    .next = أعد ملف `log.key` الخاص بالاتحاد إلى مجلد المنصة، ثم تحقّق بالأمر `multaqa-hub status`.

HUB_STORE_UNAVAILABLE = لا يمكن استعمال مخزن المنصة المركزية: { $detail }.
    .act = operator
    .next = افحص المساحة المتاحة والصلاحيات بالأمرين `df -h` و`ls -l`، ثم `multaqa-hub fsck --dir DIR`.

HUB_STORE_ROW_BAD = في مخزن المنصة، الجدول { $table }، الصف { $row }: لا يمكن فهم العمود { $column }.
    .act = operator
    .next = اعرف مدى الضرر بالأمر `multaqa-hub fsck --dir DIR`.

HUB_STORE_ROWS_TOUCHED = مسّت كتابةٌ في الجدول { $table } من مخزن المنصة { $found } صفًّا، والمتوقَّع { $expected }.
    .act = operator
    .next = تأكّد من أن لا شيء آخر يكتب في المخزن، ثم افحصه بالأمر `multaqa-hub fsck --dir DIR`.

HUB_STORE_DAMAGED = مخزن المنصة يناقض نفسه: { $detail }.
    .act = operator
    .next = اعرف الموضع بالأمر `multaqa-hub fsck --dir DIR`، ثم استعد أحدث نسخة.

HUB_STORE_NEWER = كتب { $path } برنامجٌ أحدث: مخطّطه { $found }، وهذا البرنامج يعرف { $known }.
    .act = operator
    .next = ثبّت البرنامج الأحدث؛ ويبيّن `multaqa-hub --version` إصدار هذا البرنامج.

HUB_STORE_OLDER = كتب { $path } برنامجٌ أقدم: مخطّطه { $found }، ويلزم { $known } لقراءته.
    .act = operator
    .next = شغّل المنصة مرة واحدة بالأمر `multaqa-hub serve --config DIR/hub.toml` فتحدّث المخطّط.

HUB_STORE_MISSING = ليس في { $path } مخزن منصة.
    .act = operator
    .next = اذكر مجلد المنصة بالخيار `--dir DIR`، أو أنشئ منصة جديدة بالأمر `multaqa-hub init`.

HUB_STORE_EXISTS = في { $path } مخزن منصة قائم، فلا يُنشأ من جديد.
    .act = operator
    .next = انظر ما فيه بالأمر `multaqa-hub fsck --dir DIR`، أو اذكر مجلدًا آخر.
