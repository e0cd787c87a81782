# الاستدعاءات

HUB_SCHEMA_UNUSABLE = تعذّر على المنصة المركزية وصف خدماتها: { $detail }.
    .act = hub
    .next = أعد تثبيت البرنامج؛ ويجب أن يعمل `multaqa-hub --version` قبل `multaqa-hub serve`.

ISSUER_ENDS = سلطة الإصدار { $issuer } صالحة حتى { $until }. بعد ذلك لا يُقبل شيء مما وقّعته ولا توقّع شيئًا.
    .act = operator
    .next = حيث سلطة الشهادات، وملف root.key حاضر، نفّذ `multaqa-certs renew-issuer --dir CA --issuer { $issuer }`؛ ويبيّن الأمر ما يُنسخ إلى المنصة المركزية، فتأخذه عند إعادة تشغيلها: `systemctl restart multaqa-hub`.

HUB_CERTIFICATE_ENDS = تسري شهادة المنصة المركزية إلى { $until }، وبعد ذلك لا تتصل بها عقدة ولا مشغّل.
    .act = operator
    .next = حيث توجد سلطة إصدار الشهادات نفّذ `multaqa-certs issue --dir CA --identity hub/main --new-key --replace --out DIR/identity/hub.pem`؛ وتأخذ المنصة العاملة الشهادة الجديدة خلال دقيقة.

# المشغّلون

OPERATOR_CHAIN_NOT_OWN = تعرض المنصة المركزية على أنها أحدث تسجيلة لـ { $writer } تسجيلةً لم يوقّعها مفتاح هذا المشغّل.
    .act = operator
    .next = توقف عن استعمال هذه المنصة؛ وأبلغ بقية المشغّلين وافحصها بالأمر `multaqa-hub fsck --dir DIR`.

OPERATOR_CHAIN_HUB_BEHIND = عدد تسجيلات { $writer } لدى المنصة المركزية { $hub }، وعدد ما وُقّع منها { $own }: استُعيدت من نسخة احتياطية قديمة أو تخفي تسجيلات.
    .act = operator
    .next = لم يُوقَّع شيء. المنصة المستعادة تسترد من العقد ما فقدته: انتظر حتى يُظهر الأمر `multaqa-hub status` أنها اكتملت. فإن لم تذكر أنها استُعيدت فقارن بما لدى إحدى العقد.

OPERATOR_CHAIN_FORKED = لدى المنصة المركزية عند الموضع { $seq } تسجيلة لـ { $writer } غير التي وُقّعت هنا: استُعمل المفتاح من نسختين من المجلد.
    .act = operator
    .next = ابحث عن النسخة الأخرى واحتفظ بمجلد واحد فقط، ثم انظر حال المنصة بالأمر `multaqa-hub status`.

OPERATOR_DIR_WRONG = { $dir } ليس مجلد مشغّل: لا وجود فيه للملف operator.json.
    .act = operator
    .next = اذكر المجلد الذي أنشأه `multaqa-hub init` بالخيار `--operator-dir DIR`؛ وهو غير مجلد المنصة المركزية.

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

MEMBER_STATUS_SAME = { $member } { $status ->
        [suspended] معلَّق
       *[other] نشط
    } من قبل.
    .act = operator
    .next = اعرض جميع الأعضاء بالأمر `multaqa-hub members`.

GROUP_EXISTS = المجموعة { $group } موجودة.
    .act = operator
    .next = غيّرها بالأمر `multaqa-hub group add { $group } CODE` أو اختر اسمًا آخر.

GROUP_UNCHANGED = ستبقى المجموعة { $group } كما هي.
    .act = operator
    .next = اعرض أعضاءها بالأمر `multaqa-hub group`.
POLICY_UNCHANGED = تنص السياسة النافذة على هذا بعينه.
    .act = operator
    .next = اعرضها بالأمر `multaqa-hub policy`.

INIT_DIR_USED = المجلد { $dir } غير فارغ: لا يُكتب فوق شيء.
    .act = operator
    .next = اذكر مجلدًا جديدًا، أو انظر ما فيه بالأمر `ls -la { $dir }`. فإن لم يكن فيه hub.toml (أو chain.json في مجلد المشغّل) فهو من بقايا إنشاء انقطع: لا يُستعمل منه شيء ويمكن حذفه.

INIT_FEDERATION_OTHER = سلطة الشهادات تخص الاتحاد { $found }، والمطلوب { $asked }.
    .act = operator
    .next = أعد الأمر مع `--federation { $found }` أو اذكر سلطة الشهادات الصحيحة بالخيار `--ca DIR`.

ALLOW_NOT_OPERATOR = الشهادة باسم { $peer } وليست لمشغّل: تصدر المنصة المركزية شهادات العقد بنفسها.
    .act = operator
    .next = اذكر شهادة مشغّل: `multaqa-certs issue --dir CA --identity operator/NAME --new-key --out FILE`.

OPERATOR_CERTIFICATE_ENDS = تسري شهادة operator/{ $operator } إلى { $until }، وبعد ذلك ترفضها المنصة المركزية.
    .act = operator
    .next = حيث توجد سلطة إصدار الشهادات نفّذ `multaqa-certs issue --dir CA --identity operator/{ $operator } --new-key --replace --out { $dir }/tls.pem`، ثم نفّذ على جهاز المنصة `multaqa-hub allow --dir DIR --certificate tls.pem`.

HUB_DIR_WRONG = { $dir } ليس مجلد منصة مركزية: لا وجود فيه للملف { $missing }.
    .act = operator
    .next = اذكر مجلد المنصة بالخيار `--dir DIR` (وللأمر `multaqa-hub serve` بالخيار `--config DIR/hub.toml`)، أو أنشئ منصة بالأمر `multaqa-hub init`.

HUB_ALREADY_RUNNING = تعمل منصة أخرى على هذا المخزن، وهي تمسك بالملف { $path }.
    .act = operator
    .next = ابحث عن العملية بالأمر `fuser { $path }`؛ فلا ترتّب التسجيلات إلا منصة واحدة.

LOCK_UNUSABLE = لا يمكن استعمال ملف القفل { $path }: { $detail }.
    .act = operator
    .next = انظر في الملف وصلاحياته بالأمر `ls -l { $path }`.

HUB_COMMIT_STUCK = لم ينته حفظ دفعة: تسلّمها قرص المنصة المركزية ولم يُجب. والسجل لا يستقبل تسجيلات إلى أن ينتهي.
    .act = operator
    .next = افحص القرص الذي يقع فيه مجلد المنصة بالأمر `iostat -x 1`؛ ويعرض الأمر `multaqa-hub status` متى يعود السجل إلى استقبال التسجيلات.
RELEASE_SIZE_OTHER = في المخزن { $found } قيد، لا { $asked }: لم يُطلق شيء.
    .act = operator
    .next = انظر ما فيه بالأمر `multaqa-hub fsck --dir DIR` واذكر ذلك الحجم. ما نُشر فوقه ولا تردّه عقدة يضيع، وإن وُقّع من جديد كان تفرّعًا.
RELEASE_CLOSING = السجل قيد الإغلاق وقد عاد لأجله إلى { $size } قيد: ينقصه على حاله ما وُضع جانبًا، فلا يُطلق.
    .act = operator
    .next = شغّل المنصة المركزية وتابع الإغلاق: يبيّن `multaqa-hub log` مَن يُنتظر وما الذي يُقرَّر.
RESTORE_FOREIGN = النسخة الاحتياطية { $path } من سجل غير الذي يوقّعه { $key }: من الاتحاد { $federation }، تسجيلة التأسيس { $genesis }. لم يُوضع شيء.
    .act = operator
    .next = اذكر نسخة هذه المنصة المركزية، أو مجلد المنصة التي أُخذت منها النسخة بالخيار `--dir DIR`؛ ويُظهر `multaqa-hub backup verify BACKUP` ما في أي نسخة.
GENESIS_FILE_WRONG = الملف { $path } ليس تسجيلة التأسيس لأي اتحاد: { $detail }.
    .act = operator
    .next = اطلب من أي عقدة في الاتحاد أن تكتبه من جديد: `multaqa-node backup genesis --out FILE`.
LOG_LOCK_CONTRADICTS = المخزن وقفل نقطة التحقّق الموقّعة من تاريخين مختلفين: في القفل { $path } الجذر { $root } عند { $locked } قيد، وفي الجدول `batch` من hub.db الجذر { $found } عنده. لا تمنح المنصة المركزية أي رقم قيد.
    .act = operator
    .next = تبيّن أيهما الدخيل: يُظهر `multaqa-hub fsck --dir DIR` هل المخزن سليم، ويُظهر `multaqa-hub log` ما لدى العقد. فإن كان المخزن دخيلًا فأوقف المنصة المركزية، ونحِّ hub.db جانبًا، واستعد أحدث نسخة احتياطية بالأمر `multaqa-hub backup restore BACKUP --dir DIR`. وإن كان القفل دخيلًا فأوقفها، ونحِّ { $path } جانبًا، ثم شغّلها، فتسأل العقد بدلًا منه. وإن صحّ الاثنان لأن مفتاح السجل وقّع تاريخين: `multaqa-hub log close`.

LOG_KEY_WRONG = مفتاح السجل لدى المنصة المركزية ليس المفتاح الذي تسمّيه سياسة السجل: المفتاح أو المخزن لمنصة أخرى.
    .act = operator
    .next = أعد ملفَي `log.key` و`hub.db` الخاصين بالاتحاد إلى مجلد المنصة، ثم افحص بالأمر `multaqa-hub fsck --dir DIR` وشغّلها بالأمر `multaqa-hub serve`.

HUB_STORE_UNAVAILABLE = لا يمكن استعمال مخزن المنصة المركزية: { $detail }.
    .act = operator
    .next = افحص المساحة المتاحة والصلاحيات بالأمرين `df -h` و`ls -l`، ثم `multaqa-hub fsck --dir DIR`.

HUB_STORE_FULL = لم تبقَ مساحة لمخزن المنصة المركزية: { $detail }. لم يُدرَج شيء من هذه الدفعة في السجل، والتسجيلات تنتظر عند عقدها.
    .act = operator
    .next = أفرغ مساحة على القرص الذي فيه مجلد المنصة المركزية (انظر `df -h`)، فتستأنف المنصة عملها من تلقاء نفسها. ويبيّن `multaqa-hub status` متى تعود إلى قبول التسجيلات.

HUB_STORE_ROW_BAD = في مخزن المنصة، الجدول { $table }، الصف { $row }: لا يمكن فهم العمود { $column }.
    .act = operator
    .next = اعرف مدى الضرر بالأمر `multaqa-hub fsck --dir DIR`.

HUB_STORE_ROWS_TOUCHED = عدد الصفوف التي مسّتها كتابةٌ في الجدول { $table } من مخزن المنصة { $found }، والمتوقَّع { $expected }.
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

HUB_STORE_EMPTY = الملف { $path } فارغ: نسخة انقطع نقلها، أو منصة مركزية لم يكتمل إنشاؤها.
    .act = operator
    .next = استرجع أحدث نسخة من المخزن وافحصها بالأمر `multaqa-hub fsck --dir DIR`. وإن لم توجد نسخة قط فأنشئ المنصة في مجلد جديد بالأمر `multaqa-hub init`.

HUB_STORE_NOT_DATABASE = الملف { $path } ليس قاعدة بيانات، فبايتاته الأولى لشيء آخر. لم يُمَسّ منه شيء.
    .act = operator
    .next = انظر ما هو بالأمر `file { $path }`، واسترجع أحدث نسخة من المخزن، وافحصها بالأمر `multaqa-hub fsck --dir DIR`.

HUB_STORE_EXISTS = في { $path } مخزن منصة قائم، فلا يُنشأ من جديد.
    .act = operator
    .next = انظر ما فيه بالأمر `multaqa-hub fsck --dir DIR`، أو اذكر مجلدًا آخر.

HUB_FILE_WRONG = ملف المخزن تالف.
    .act = operator
    .next = أوقف المنصة، واستعد أحدث نسخة من المخزن، ثم افحصها بالأمر `multaqa-hub fsck --dir DIR`.

HUB_SCHEMA_WRONG = في المخزن جدول أو فهرس يخالف ما ينشئه هذا البرنامج.
    .act = operator
    .next = أوقف المنصة، واستعد أحدث نسخة من المخزن، ثم افحصها بالأمر `multaqa-hub fsck --dir DIR`.

HUB_ENTRY_WRONG = في السجل قيد غير سليم.
    .act = operator
    .next = أوقف المنصة، واستعد أحدث نسخة من المخزن، ثم افحصها بالأمر `multaqa-hub fsck --dir DIR`.

HUB_COMMIT_WRONG = في المخزن دفعة لا تطابق قيودها.
    .act = operator
    .next = أوقف المنصة، واستعد أحدث نسخة من المخزن، ثم افحصها بالأمر `multaqa-hub fsck --dir DIR`.

HUB_HEAD_WRONG = رأس السجل لا يطابق قيوده.
    .act = operator
    .next = أوقف المنصة، واستعد أحدث نسخة من المخزن، ثم افحصها بالأمر `multaqa-hub fsck --dir DIR`.

HUB_CHAIN_WRONG = أحدث تسجيلة محفوظة لأحد الكتّاب ليست ما تعطيه القيود.
    .act = operator
    .next = أوقف المنصة، واستعد أحدث نسخة من المخزن، ثم افحصها بالأمر `multaqa-hub fsck --dir DIR`.

HUB_ROW_WRONG = صف محفوظ بجانب السجل تغيّر دون علم المنصة.
    .act = operator
    .next = أوقف المنصة، واستعد أحدث نسخة من المخزن، ثم افحصها بالأمر `multaqa-hub fsck --dir DIR`.

HUB_ROWS_WRONG = صف محفوظ بجانب السجل مفقود، أو زاد صف لم تكتبه المنصة.
    .act = operator
    .next = أوقف المنصة، واستعد أحدث نسخة من المخزن، ثم افحصها بالأمر `multaqa-hub fsck --dir DIR`.

HUB_SUBTREE_WRONG = جذرٌ محفوظ لشجرة فرعية مكتملة لا يطابق ما تعطيه القيود.
    .act = operator
    .next = أوقف المنصة، واستعد أحدث نسخة من المخزن، ثم افحصها بالأمر `multaqa-hub fsck --dir DIR`.

LOG_GOES_ON = السجل يقبل التسجيلات، فليس هناك ما يُغلق.
    .act = operator
    .next = انظر حاله بالأمر `multaqa-hub log`. وإن قالت العقد CURSOR_FORKED فأوقفه بالأمر `multaqa-hub log close --force --yes`، ثم شغّل المنصة المركزية وأغلقه عندئذ.
LOG_CLOSING_NOT_NEEDED = لا شيء يناقض هذا السجل، وقد يكتمل من تلقاء نفسه.
    .act = operator
    .next = انتظر العقد التي يذكر الأمر `multaqa-hub log` أنها منتظَرة. وإن لم تأتِ أبدًا فأغلقه مع ذلك بالأمر `multaqa-hub log close --force --yes`.
LOG_NOT_CLOSING = السجل ليس قيد الإغلاق، فلا قرار يُتَّخذ.
    .act = operator
    .next = انظر حاله بالأمر `multaqa-hub log`. ويبدأ الإغلاق بالأمر `multaqa-hub log close`.
LOG_CLOSING_AWAITS = يبقى { $awaited } عليهم أن يتصلوا ويقولوا إلى أي حد لديهم السجل، قبل أن يمكن إغلاقه. الصامتون حتى الآن: { $silent }.
    .act = operator
    .next = اطلب من هؤلاء الأعضاء تشغيل عقدهم؛ ومن فقد قرصه تكفيه مفاتيحه وملف journal.db الذي يعيده `multaqa-node backup restore`. لا شيء يتجاوزهم عند إغلاق السجل، فالعقد لن تتبعه. ويُظهر `multaqa-hub log` مَن تكلّم منهم.
LOG_NOT_STABLE = لا نصاب من الشهود يشهد لأي حجم من هذا السجل. الصامتون حتى الآن: { $silent }.
    .act = operator
    .next = اطلب من هؤلاء الأعضاء تشغيل عقدهم بملفات journal.db التي تحفظ ما وقّعوا عليه شهودًا. فإن لم يكن لدى أي منهم شيء فلم يثبت شيء ولا يمكن إغلاق السجل: أعد المخزن كما كان قبل الإغلاق بالأمر `multaqa-hub backup restore BACKUP --dir DIR` ثم أطلقه بالأمر `multaqa-hub backup release`.
SUCCESSION_OTHER = القرار على إغلاق غير الممكن: يبدأ السجل { $log } عند { $size } بالجذر { $root }.
    .act = operator
    .next = ورد من العقد مزيد في هذه الأثناء. انظر من جديد بالأمر `multaqa-hub log` ثم قرّر من جديد.
SUCCESSION_REASON = لا بد للقرار من سبب لا يتجاوز { $max } بايت، فهو يبقى في السجل أمام الجميع.
    .act = operator
    .next = اذكر السبب في جملة: `multaqa-hub log succeed --reason TEXT`.
