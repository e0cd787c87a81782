# نصوص multaqa-runtime. ‏`.act` رمز ثابت: مَن عليه أن يتصرّف. و`.next` تتضمّن الأمر التالي.

CONFIG_FILE_UNREADABLE = تعذّرت قراءة ملف الإعدادات { $file }: { $detail }.
    .act = operator
    .next = تحقّق من المسار وأذوناته بالأمر `ls -ld { $file }`، أو حدّد ملفًا آخر بالخيار `--config FILE`.

CONFIG_FILE_TOO_LARGE = حجم ملف الإعدادات { $file } يتجاوز { PLURAL($limit) ->
        [zero] { $limit } بايت
        [one] بايت واحد
        [two] بايتين
        [few] { $limit } بايتات
        [many] { $limit } بايتًا
       *[other] { $limit } بايت
    }.
    .act = operator
    .next = اطّلع على محتواه بالأمر `head -c 1000 { $file }`، وحدّد الملف الصحيح بالخيار `--config FILE`.

CONFIG_SYNTAX = ملف الإعدادات { $file } لا يتّبع صيغة TOML: { $detail }.
    .act = operator
    .next = صحّح السطر بالأمر `editor { $file }` ثم أعد التشغيل.

CONFIG_UNKNOWN_KEY = يضبط { $origin } المفتاح «{ $key }»، وليس من مفاتيح الإعدادات.{ $nearest ->
        [none] {""}
       *[other] {" "}أتقصد «{ $nearest }»؟
    }
    .act = operator
    .next = صحّح المفتاح في { $origin } أو احذفه؛ ويعرض الأمر `config show` كل مفتاح مع قيمته ومصدرها.

CONFIG_UNKNOWN_VARIABLE = متغيّر البيئة { $variable } يشير إلى مفتاح الإعدادات «{ $key }»، ولا وجود له.{ $nearest ->
        [none] {""}
       *[other] {" "}أقرب المفاتيح إليه «{ $nearest }».
    }
    .act = operator
    .next = أزله بالأمر `unset { $variable }`، أو صحّح اسمه: شرطتان سفليتان بين القسم والمفتاح.

CONFIG_BAD_VALUE = قيمة «{ $key }» في { $origin } غير مقبولة: { $detail }.
    .act = operator
    .next = صحّح القيمة في { $origin } ثم تحقّق منها بالأمر `config show`.

CONFIG_BAD_LOG_FILTER = تعذّر فهم مرشِّح رسائل التشغيل «{ $filter }»: { $detail }.
    .act = operator
    .next = حدّد مرشِّحًا مثل `--log info`، أو صحّح `log.filter` في ملف الإعدادات.

CONFIG_ADMIN_NOT_LOOPBACK = لا يجوز أن يستخدم منفذ الإدارة العنوان { $address }: فهو يجيب دون استيثاق ويجب أن يبقى داخل هذا الجهاز.
    .act = operator
    .next = حدّد عنوانًا محليًا مثل `127.0.0.1:9400` ثم تحقّق منه بالأمر `config show`.

SECRET_UNREADABLE = تعذّرت قراءة الملف السرّي { $path }: { $detail }.
    .act = operator
    .next = تحقّق من المسار ومالكه بالأمر `ls -l { $path }`.

SECRET_TOO_OPEN = الملف السرّي { $path } متاح لغير مالكه قراءةً أو تعديلًا (الأذونات { $mode }).
    .act = operator
    .next = قيّده بالأمر `chmod 600 { $path }`، واستبدل السرّ إن كان من المحتمل أن غيرك قد اطّلع عليه.

SECRET_TOO_LARGE = حجم الملف السرّي { $path } يتجاوز { PLURAL($limit) ->
        [zero] { $limit } بايت
        [one] بايت واحد
        [two] بايتين
        [few] { $limit } بايتات
        [many] { $limit } بايتًا
       *[other] { $limit } بايت
    }.
    .act = operator
    .next = تأكّد بالأمر `ls -l { $path }` من أن المسار يشير إلى السرّ لا إلى ملف آخر.

SECRET_NOT_TEXT = يجب أن يكون السرّ في { $path } نصًّا، لكنه ليس بترميز UTF-8.
    .act = operator
    .next = تعرّف على نوع الملف بالأمر `file { $path }`، وضع الملف الصحيح مكانه.

SECRET_BAD_NAME = «{ $name }» ليس اسمًا صالحًا لبيانات اعتماد: أحرف لاتينية وأرقام و`-` و`_` و`.` فقط، دون مسار.
    .act = operator
    .next = اعرض بيانات اعتماد الخدمة بالأمر `systemd-creds list`، واكتب `credential:NAME`.

SECRET_NO_DIRECTORY = طُلبت بيانات الاعتماد «{ $name }»، لكن مدير الخدمات لم يوفّر مجلدًا لها.
    .act = operator
    .next = أضف `LoadCredential={ $name }:PATH` إلى وحدة الخدمة ونفّذ `systemctl daemon-reload`، أو حدّد ملفًا بدلًا منها.

RUNTIME_NOT_STARTED = تعذّر على العملية بدء خيوط التنفيذ: { $detail }.
    .act = operator
    .next = قارن الحدود التي يعرضها الأمر `ulimit -a` بما يحتاج إليه الجهاز.

SIGNALS_UNAVAILABLE = تعذّر على العملية استقبال إشارات النظام: { $detail }.
    .act = operator
    .next = قارن الحدود التي يعرضها الأمر `ulimit -a` بما يحتاج إليه الجهاز.

TELEMETRY_NOT_STARTED = تعذّر بدء رسائل التشغيل أو القياسات: { $detail }.
    .act = operator
    .next = أعد التشغيل بالخيار `--log debug` وأبلغ عن الأسطر التي تظهر.

LISTEN_FAILED = تعذّر الاستماع على { $address }: { $detail }.
    .act = operator
    .next = اعرف من يستخدمه بالأمر `ss -lntxp`، أو حدّد عنوانًا آخر في الإعدادات.

LISTEN_SOCKET_IN_USE = تستخدم عملية أخرى المقبس { $path } حاليًا.
    .act = operator
    .next = اعثر عليها بالأمر `ss -lxp` ثم أوقفها، أو حدّد مسارًا آخر في الإعدادات.

TASK_PANICKED = أخفق الجزء «{ $task }» من العملية على نحو غير متوقّع: { $detail }. وقد توقّفت العملية.
    .act = operator
    .next = أعد التشغيل بالخيار `--log debug` وأبلغ عن الأسطر التي تسبق الإخفاق.

TASK_ENDED_EARLY = انتهى الجزء «{ $task }» من العملية دون أن يُطلب منه ذلك. وقد توقّفت العملية.
    .act = operator
    .next = أعد التشغيل بالخيار `--log debug` وأبلغ عن الأسطر التي تسبق الانتهاء.

DRAIN_TOO_SLOW = لم تُتمّ العملية عملها خلال { PLURAL($seconds) ->
        [zero] { $seconds } ثانية
        [one] ثانية واحدة
        [two] ثانيتين
        [few] { $seconds } ثوانٍ
        [many] { $seconds } ثانية
       *[other] { $seconds } ثانية
    } فأُنهيت؛ وما زال قيد العمل: { $tasks }.
    .act = operator
    .next = أعد التشغيل وتحقّق من البيانات بالأمر `fsck`. وإن تكرّر ذلك فالخيار `--log debug` يبيّن ما يعيقها.

DRAIN_ABORTED = أنهت إشارة ثانية العملية قبل إتمام عملها؛ وما زال قيد العمل: { $tasks }.
    .act = operator
    .next = أعد التشغيل وتحقّق من البيانات بالأمر `fsck`.

OUTPUT_FAILED = تعذّرت كتابة النتيجة على الخرج القياسي: { $detail }.
    .act = operator
    .next = تحقّق من المساحة المتبقية بالأمر `df -h .` ثم كرّر الأمر.

BACKUP_EXISTS = يوجد شيء في { $path } من قبل: النسخة الاحتياطية لا تكتب فوق شيء.
    .act = operator
    .next = حدّد مكانًا آخر بالخيار `--out DIR`، واجعل التاريخ في اسمه مثلًا.

BACKUP_FAILED = رفض القرص الكتابة أو القراءة في { $path }: { $detail }.
    .act = operator
    .next = تحقّق من المساحة المتبقية والأذونات بالأمرين `df -h` و`ls -ld { $path }` ثم كرّر الأمر.

BACKUP_MISSING = لا توجد نسخة احتياطية في { $path }.
    .act = operator
    .next = انظر ما فيه بالأمر `ls -l { $path }`، وحدّد المجلد الذي يحوي الملف manifest.json.

BACKUP_MANIFEST_BAD = تعذّر فهم بيان النسخة الاحتياطية { $path }: { $detail }.
    .act = operator
    .next = جرّب نسخة أقدم بالأمر `backup verify DIR`، ثم أنشئ نسخة جديدة.

BACKUP_OF_OTHER = النسخة الاحتياطية { $path } تخصّ البرنامج «{ $found }» لا «{ $expected }».
    .act = operator
    .next = استعمل البرنامج الذي تخصّه: `multaqa-{ $found } backup verify { $path }`.

BACKUP_FILE_CHANGED = الملف { $file } في النسخة الاحتياطية { $path } ليس كما يصفه بيانها: { $detail }.
    .act = operator
    .next = لا تستعدها. ابحث عن صورة أخرى من النسخة نفسها بالأمر `ls -l`، أو خذ نسخة أقدم.

BACKUP_UNSOUND = محتوى النسخة الاحتياطية { $path } غير سليم: { PLURAL($count) ->
        [zero] لا ملاحظات
        [one] ملاحظة واحدة
        [two] ملاحظتان
        [few] { $count } ملاحظات
        [many] { $count } ملاحظة
       *[other] { $count } ملاحظة
    }.
    .act = operator
    .next = خذ نسخة أقدم، وافحص القاعدة العاملة بالأمر `fsck`، ثم أنشئ منها نسخة جديدة.

RESTORE_TARGET_USED = توجد قاعدة بيانات في { $path } من قبل: لا يُستعاد شيء فوقها.
    .act = operator
    .next = أوقف البرنامج، وانقل الملف جانبًا بالأمر `mv { $path } { $path }.before` (ومعه الملفان المنتهيان بـ `-wal` و`-shm` إن وُجدا)، ثم كرّر الأمر.
