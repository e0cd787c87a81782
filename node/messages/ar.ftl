# نصوص multaqa-node. ‏`.act` رمز ثابت: مَن عليه أن يتصرّف. و`.next` تتضمّن الأمر التالي.

# ملفات البيانات في العقدة.
STORE_NEWER = كتب الملفَّ { $store } إصدارٌ أحدث من البرنامج: رقم مخططه { $found }، وهذا الإصدار يعرف حتى { $known }.
    .act = member-node
    .next = أعد تثبيت الإصدار الأحدث، أو استعد النسخة الاحتياطية السابقة للترقية؛ ويعرض الأمر `multaqa-node --version` الإصدار العامل.
STORE_MISSING = الملف { $path } غير موجود.
    .act = member-node
    .next = حدّد مجلد العقدة بالخيار `--dir DIR`، أو انضم أولًا بالأمر `multaqa-node join --key-file FILE`. وإن فُقد فاسترجعه من أحدث نسخة احتياطية.
STORE_EMPTY = الملف { $path } فارغ: نسخة انقطع نقلها، أو انضمام لم يكتمل.
    .act = member-node
    .next = يمكن حذف replica.db فيُجلب من السجل من جديد. أما journal.db فاسترجعه من أحدث نسخة احتياطية ونفّذ `multaqa-node fsck`. وإن لم تعمل العقدة من قبل فأعد `multaqa-node join --key-file FILE`.
STORE_NOT_DATABASE = الملف { $path } ليس قاعدة بيانات، فبايتاته الأولى لشيء آخر. لم يُمَسّ منه شيء.
    .act = member-node
    .next = انظر ما هو بالأمر `file { $path }`. يمكن حذف replica.db فيُجلب من السجل من جديد. أما journal.db فاسترجعه من أحدث نسخة احتياطية ونفّذ `multaqa-node fsck`.
STORE_FULL = لم تبقَ مساحة للملف { $store } ‏({ $transaction }): { $detail }. لم يُحفظ شيء ناقص.
    .act = member-node
    .next = أفرغ مساحة على القرص الذي فيه مجلد العقدة (انظر `df -h`)، فتستأنف العقدة العاملة عملها من تلقاء نفسها. ثم أعد الأمر، أو انظر `multaqa-node status`.
STORE_FAILED = تعذّر استعمال الملف { $store } ‏({ $transaction }): { $detail }.
    .act = member-node
    .next = تحقّق من المساحة المتبقية بالأمر `df -h`، ثم نفّذ `multaqa-node fsck`.
STORE_ROW_BAD = في الجدول { $table }، الصف { $row }، العمود { $column }، قيمة لا يكتبها البرنامج أبدًا: { $detail }.
    .act = member-node
    .next = نفّذ `multaqa-node fsck`. إن تلف replica.db أُعيد جلبه من السجل، وإن تلف journal.db استُعيد من نسخته الاحتياطية.

# تسجيلات العقدة وصندوق الصادر.
JOURNAL_PLACE_TAKEN = التسجيلة المنتظرة في السلسلة رقمها { $expected } لا { $found }: سبقتها عملية نشر أخرى.
    .act = writer
    .next = نفّذ `multaqa-node publish FILE` من جديد.
JOURNAL_FOREIGN = ملف journal.db في هذا المجلد يخص { $found } لا { $expected }.
    .act = member-node
    .next = أعد ملف journal.db الخاص بهذه العقدة من أحدث نسخة احتياطية. ولعقدة أخرى انضم في مجلد فارغ: `multaqa-node join --key-file FILE --dir DIR`.
EVIDENCE_NOT_WRITTEN = تعذّرت كتابة بيّنة الإنذار: { $detail }
    .act = member-node
    .next = أفسح مكانًا للمجلد `evidence/` في مجلد العقدة ثم نفّذ `multaqa-node status --retry-alarm`: يعود الإنذار ومعه الملف.
JOURNAL_BEHIND = في السجل تسجيلات لهذه العقدة لا يعرفها ملفها journal.db، فهو نسخة قديمة. تواصل العقدة القراءة ولا توقّع شيئًا بعد الآن.
    .act = member-node
    .next = استعد أحدث نسخة احتياطية من journal.db. فإن لم توجد فاطلب من المشغّلين تنفيذ `multaqa-hub invite MEMBER` وانضم من جديد بذلك المفتاح.
CHAIN_BROKEN = في السجل تسجيلات هذه العقدة حتى { $held } وحدها: فُقدت منه التي ترتيبها { $seq }، وكانت قد سُحبت بعد نشرها، فلا أحد يملك محتواها. تواصل العقدة القراءة، ولا يمكن أن يُدرَج شيء توقّعه في هذه الحقبة.
    .act = operator
    .next = اطلب من المشغّلين تنفيذ `multaqa-hub invite MEMBER --node NAME`، ثم انضم بذلك المفتاح من جديد في مجلد فارغ: `multaqa-node join --key-file FILE --dir DIR`. وما ينتظر في صندوق الصادر هذا، ويعرضه `multaqa-node queue`، يُنشر من هناك ثانيةً.
JOURNAL_RESTORED = استُعيدت قاعدة الصادر من نسخة احتياطية، أو هي صورة منسوخة: لا يُوقَّع شيء قبل التأكد من أن السجل لا يحوي تسجيلات أحدث لهذه العقدة، حتى حجم تشهد له الدول الشاهدة الأخرى.
    .act = member-node
    .next = لا يلزم فعل شيء: تقارن العقدة بنفسها حين تتصل بالمنصة المركزية ثم تواصل؛ ويُظهر الأمر `multaqa-node status` متى يتم ذلك.
JOURNAL_RECORD_WRONG = في ملف journal.db تسجيلة غير سليمة.
    .act = member-node
    .next = استعد journal.db من نسخته الاحتياطية، ثم نفّذ `multaqa-node fsck`.
OUTBOX_BLOCKED = لا يُوقَّع شيء ولا يُرسَل بعد الآن: { $reason }.
    .act = member-node
    .next = اعرف التسجيلة المعنية بالأمر `multaqa-node queue`، واطلب مفتاحًا جديدًا من المشغّلين: `multaqa-hub invite MEMBER`.

# ما يجده fsck في النسخة المحلية.
REPLICA_ENTRY_WRONG = في النسخة المحلية قيد غير سليم.
    .act = member-node
    .next = أوقف العقدة واحذف replica.db ثم نفّذ `multaqa-node serve`، فتُجلب النسخة من السجل من جديد.
REPLICA_CURSOR_WRONG = موضع المزامنة أو سلاسل الكاتبين أو نقطة التحقّق في النسخة المحلية لا توافق قيودها.
    .act = member-node
    .next = أوقف العقدة واحذف replica.db ثم نفّذ `multaqa-node serve`، فتُجلب النسخة من السجل من جديد.
REPLICA_SUBTREE_WRONG = في النسخة المحلية جذرٌ محفوظ لشجرة فرعية مكتملة لا يوافق قيودها.
    .act = member-node
    .next = أوقف العقدة واحذف replica.db ثم نفّذ `multaqa-node serve`، فتُجلب النسخة من السجل من جديد.
REPLICA_FOLD_WRONG = في النسخة المحلية مادة لا توافق تسجيلاتها.
    .act = member-node
    .next = أوقف العقدة واحذف replica.db ثم نفّذ `multaqa-node serve`، فتُجلب النسخة من السجل من جديد.

# الخط إلى المنصة المركزية.
LINE_DOWN = تعذّر الوصول إلى المنصة المركزية: { $detail }.
    .act = member-node
    .next = لم يضع شيء: القراءة مستمرة وتُعاد محاولة الاتصال تلقائيًا. ويعرض الأمر `multaqa-node status` منذ متى انقطع الخط.
LINK_CALL_FAILED = أخفق طلب إلى المنصة المركزية: { $detail }.
    .act = hub
    .next = تُعاد المحاولة تلقائيًا؛ ويعرض الأمر `multaqa-node status` منذ متى.
LOG_UNANSWERED = المنصة المركزية تجيب، لكنها لم تردّ منذ { PLURAL($seconds) ->
        [zero] { $seconds } ثانية
        [one] ثانية واحدة
        [two] ثانيتين
        [few] { $seconds } ثوانٍ
        [many] { $seconds } ثانية
       *[other] { $seconds } ثانية
    } على أيٍّ من تسجيلات هذه العقدة المنتظرة: سجلّها لا يتقدّم.
    .act = operator
    .next = لم يضع شيء: تبقى التسجيلات في صندوق الصادر ويُعاد إرسالها تلقائيًا. أبلغ المشغّلين، ولديهم تفصيل أكثر بالأمر `multaqa-hub status`؛ ويعرض الأمر `multaqa-node status` متى ينتهي ذلك.
LOG_SEAL_OVERDUE = المنصة المركزية تجيب، لكن سجلّها متوقف: لم يُختم منذ { $since }. وقد يكون ما نشره أعضاء آخرون بعد ذلك ناقصًا.
    .act = operator
    .next = القراءة مستمرة. أبلغ المشغّلين، ولديهم تفصيل أكثر بالأمر `multaqa-hub status`؛ ويعرض الأمر `multaqa-node status` متى ينتهي ذلك.
CLOCKS_DIFFER = ما يرد من المنصة المركزية مؤرَّخ بوقت يسبق ساعة هذا الجهاز بمقدار { PLURAL($seconds) ->
        [zero] { $seconds } ثانية
        [one] ثانية واحدة
        [two] ثانيتين
        [few] { $seconds } ثوانٍ
        [many] { $seconds } ثانية
       *[other] { $seconds } ثانية
    }، وليس ثمة توقيع شاهد حديث من دولة أخرى يبيّن أي الساعتين هي الصحيحة. فلا يؤخذ منه شيء، ولا يُدّعى به شيء.
    .act = member-node
    .next = قارن ساعة هذا الجهاز بساعة أخرى واضبطها (NTP)، فتمضي العقدة من تلقائها. فإن كانت ساعته صحيحة فأبلغ المشغّلين؛ ويعرض الأمر `multaqa-node status` مقدار الفرق بينهما.
OWN_CLOCK_WRONG = ساعة هذا الجهاز تبعد { PLURAL($seconds) ->
        [zero] { $seconds } ثانية
        [one] ثانية واحدة
        [two] ثانيتين
        [few] { $seconds } ثوانٍ
        [many] { $seconds } ثانية
       *[other] { $seconds } ثانية
    } عن ساعة المنصة المركزية وعن ساعات دول أخرى، وهي متفقة فيما بينها.
    .act = member-node
    .next = اضبط ساعة هذا الجهاز (NTP): فلا تأخذ المنصة قبل ذلك توقيعات هذه العقدة بصفتها شاهدًا. ويعرض الأمر `multaqa-node status` متى تصحّ.
HUB_CLOCK_WRONG = تذكر المنصة المركزية وقتًا يبعد { PLURAL($seconds) ->
        [zero] { $seconds } ثانية
        [one] ثانية واحدة
        [two] ثانيتين
        [few] { $seconds } ثوانٍ
        [many] { $seconds } ثانية
       *[other] { $seconds } ثانية
    } عن ساعة هذا الجهاز، وهي متفقة مع ساعات دول أخرى.
    .act = operator
    .next = لا يلزم هنا شيء. أبلغ المشغّلين بضبط ساعة جهاز المنصة (NTP)؛ ويعرض الأمر `multaqa-node status` متى تصحّ.
LOG_UNWITNESSED = منذ { $since } يقلّ عدد الدول الأخرى التي تشهد على السجل بتوقيع حديث عن { $needed }: وقد تعرض المنصة المركزية على غيرك سجلًّا مختلفًا.
    .act = operator
    .next = القراءة والنشر مستمران. يسرد الأمر `multaqa-node status` الشهود الصامتين؛ والشاهد الصامت يعود من تلقاء نفسه، أو يخرج بالأمر `multaqa-hub policy witnesses remove`.
LINK_ANSWER_BAD = أجابت المنصة المركزية بما لا يسمح به البروتوكول: { $detail }.
    .act = hub
    .next = قارن ناتج `multaqa-node --version` بإصدار المنصة، وأرسل إلى المشغّلين رسائل تشغيل العقدة.

# الانضمام.
JOIN_KEY_EXPIRED = كان مفتاح الانضمام صالحًا حتى { $until }.
    .act = operator
    .next = اطلب مفتاحًا آخر من المشغّلين: `multaqa-hub invite MEMBER`.
JOIN_GENESIS_WRONG = أجاب اتحاد غير الذي يسمّيه مفتاح الانضمام: { $detail }. ولم يُرسَل أي سر.
    .act = operator
    .next = ليتحقّق المشغّلون من عنوان المنصة الوارد في المفتاح، ثم نفّذ `multaqa-node join --key-file FILE` من جديد.
JOIN_KEY_USED = سبق استعمال مفتاح الانضمام الخاص بـ { $writer } بمفاتيح غير التي في هذا المجلد.
    .act = operator
    .next = إن لم تكن أنت من استعمله فأبلغ المشغّلين فورًا، وإلا فاطلب مفتاحًا آخر: `multaqa-hub invite MEMBER`.
JOIN_NOT_OPEN = لا تعرف المنصة المركزية دعوة مفتوحة لمفتاح الانضمام الخاص بـ { $writer }: إما أن المفتاح استُعمل من قبل بمفاتيح غير التي في هذا المجلد، أو انقضت مدته، أو عُلّقت عضوية صاحبه، أو هو لاتحاد آخر.
    .act = operator
    .next = اسأل المشغّلين عمّا يبيّنه `multaqa-hub members` لهذه العقدة. فإن ظهرت منضمّة ولم تكن أنت من ضمّها فأبلغهم فورًا، وإلا فلينشئوا مفتاحًا آخر بالأمر `multaqa-hub invite MEMBER`.
JOIN_REFUSED = لا تقبل المنصة المركزية انضمام هذه العقدة ({ $reason }): { $detail }.
    .act = operator
    .next = اسأل المشغّلين عمّا يعرضه الأمر `multaqa-hub members list` عن هذا العضو.
JOIN_CERTIFICATE_WRONG = أصدرت المنصة المركزية شهادة ليست لهذه العقدة: { $detail }. ولم تُحفظ.
    .act = hub
    .next = أبلغ المشغّلين، ثم نفّذ `multaqa-node join --key-file FILE` من جديد.
JOIN_DIRECTORY_WRONG = الملف { $path } يحول دون الانضمام: { $detail }.
    .act = member-node
    .next = افحصه بالأمر `ls -l { $path }`، أو انضم في مجلد فارغ بالخيار `--dir DIR`.

# الإعدادات.
CONFIG_HUB_MISSING = لم يُضبط أي عنوان للمنصة المركزية.
    .act = member-node
    .next = اكتب `hubs = ["HOST:PORT"]` تحت `[node]` في node.toml، ثم نفّذ `multaqa-node config check`.
CONFIG_HUB_MALFORMED = «{ $value }» ليس عنوانًا بالصيغة HOST:PORT.
    .act = member-node
    .next = صحّح `hubs` تحت `[node]` في node.toml، ثم نفّذ `multaqa-node config check`.
NODE_NOT_JOINED = لم تنضم أي عقدة في { $dir }.
    .act = member-node
    .next = اطلب مفتاح انضمام من المشغّلين ونفّذ `multaqa-node join --key-file FILE --dir { $dir }`، أو حدّد المجلد الصحيح بالخيار `--dir DIR`.

# Record files.
FILES_REFUSED = { PLURAL($count) ->
        [zero] لا مخالفات في الملفات
        [one] في الملفات مخالفة واحدة
        [two] في الملفات مخالفتان
        [few] في الملفات { $count } مخالفات
        [many] في الملفات { $count } مخالفةً
       *[other] في الملفات { $count } مخالفة
    }، ولم يُوقَّع أي شيء.
    .act = writer
    .next = صحّح المذكور ثم نفّذ `multaqa-node publish FILE` من جديد.
FILE_TOO_LARGE = حجم الملف { PLURAL($found) ->
        [zero] { $found } بايت
        [one] بايت واحد
        [two] بايتان
        [few] { $found } بايتات
        [many] { $found } بايتًا
       *[other] { $found } بايت
    }، والمسموح { $max }.
    .act = writer
    .next = وزّع تسجيلاته على عدة ملفات ثم نفّذ `multaqa-node publish FILE...`.
FILE_NOT_UTF8 = الملف ليس نصًا بترميز UTF-8.
    .act = writer
    .next = احفظه بترميز UTF-8، بالأمر `iconv -f WINDOWS-1256 -t UTF-8 FILE` مثلًا، ثم انشر الناتج.
FILE_EMPTY = لا توجد في الملف أي تسجيلة.
    .act = writer
    .next = اكتب تسجيلة فيها `id` و`payload`، ويعرض `multaqa-node publish --help` مثالًا.
FILE_MALFORMED = لا يمكن قراءة الملف بصيغة YAML أو JSON: { $detail }.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
FILE_FEATURE_REFUSED = تُكتب التسجيلات من دون «{ $feature }».
    .act = writer
    .next = اكتب القيم كاملة ثم نفّذ `multaqa-node publish FILE` من جديد.
FILE_TOO_MANY_VALUES = عدد القيم في الملف يتجاوز { $max }.
    .act = writer
    .next = وزّع تسجيلاته على عدة ملفات ثم نفّذ `multaqa-node publish FILE...`.
FIELD_UNKNOWN = لا يوجد حقل { $path }{ $nearest ->
        [none] .
       *[other] ، وأقرب الحقول إليه «{ $nearest }».
    }
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
FIELD_DUPLICATE = الحقل { $path } مكرر.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
VALUE_NOT_TEXT = يجب أن يكون الحقل { $path } نصًا.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
VALUE_NOT_LIST = يجب أن يكون الحقل { $path } قائمة، كل بند في سطر بعد «- ».
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
VALUE_NOT_MAPPING = يجب أن يكون الحقل { $path } مجموعة من الأسماء وقيمها.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
VALUE_NOT_NUMBER = يجب أن يكون الحقل { $path } عددًا بالأرقام 0 إلى 9.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
VALUE_NOT_BOOLEAN = يجب أن يكون الحقل { $path } true أو false.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
VALUE_NOT_BYTES = يجب أن يكون الحقل { $path } بترميز Base64، أو sha256: يليها 64 رقمًا ست عشريًا.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
KIND_UNKNOWN = لا يوجد نوع تسجيلة باسم «{ $kind }»{ $nearest ->
        [none] .
       *[other] ، وأقرب الأنواع إليه «{ $nearest }».
    }
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
KIND_NOT_FROM_FILE = لا تُنشر تسجيلات النوع { $kind } من الملفات.
    .act = writer
    .next = استعمل `multaqa-node withdraw ID` للسحب و`multaqa-node approve RECORD_ID` للموافقة.
CSV_NAME_REFUSED = «{ $value }» ليس اسم ملف في المجلد نفسه.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
CSV_MISSING = الملف { $csv } غير موجود.
    .act = writer
    .next = ضعه بجانب ملف التسجيلة ثم نفّذ `multaqa-node publish FILE` من جديد.
CSV_AND_OBSERVATIONS = ترد القيم المرصودة إما في `observations` وإما في الملف الذي يسمّيه `csv`، لا في كليهما.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
CSV_MALFORMED = لا يمكن قراءة الملف بصيغة CSV: { $detail }.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
CSV_COLUMN_MISSING = العمود { $column } غير موجود، ويُفصل بين الأعمدة بالفاصلة اللاتينية.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
CSV_COLUMN_UNKNOWN = لا يوجد عمود باسم «{ $column }»{ $nearest ->
        [none] .
       *[other] ، وأقرب الأعمدة إليه { $nearest }.
    }
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
CSV_COLUMN_DUPLICATE = العمود { $column } مكرر.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
CSV_ROW_WIDTH = عدد خانات الصف { $found }، وعددها في صف العناوين { $expected }.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
CSV_INDICATOR_MIXED = الصف للمؤشر «{ $found }» والملف للمؤشر «{ $expected }»: لكل ملف مؤشر واحد.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
CSV_INDICATOR_OTHER = ملف CSV للمؤشر «{ $found }»، ورمز { $indicator } هو «{ $expected }».
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
CSV_ACTION_REFUSED = إجراء الصف «{ $value }»، ومجموعة البيانات تذكر قيمًا (I أو A أو R أو M).
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
CSV_TOO_LONG = عدد صفوف الملف يتجاوز { $max }.
    .act = writer
    .next = قسّم المجموعة بحسب الفترة ثم نفّذ `multaqa-node publish FILE...`.

# Publishing.
DATASET_TOO_LARGE = حجم { $id } هو { PLURAL($found) ->
        [zero] { $found } بايت
        [one] بايت واحد
        [two] بايتان
        [few] { $found } بايتات
        [many] { $found } بايتًا
       *[other] { $found } بايت
    }، والمسموح { $max }.
    .act = writer
    .next = قسّم المجموعة بحسب الفترة ثم نفّذ `multaqa-node publish FILE...`.
CONTENT_TOO_LARGE = حجم { $id } هو { PLURAL($found) ->
        [zero] { $found } بايت
        [one] بايت واحد
        [two] بايتان
        [few] { $found } بايتات
        [many] { $found } بايتًا
       *[other] { $found } بايت
    }، والمسموح { $max }.
    .act = writer
    .next = اختصر نصوصها ثم نفّذ `multaqa-node publish FILE` من جديد.
RECORDS_TOO_MANY = عدد التسجيلات { $found }، وأقصى ما يُنشر دفعة واحدة { $max }.
    .act = writer
    .next = انشرها على دفعات: `multaqa-node publish FILE...` بملفات أقل، أو `POST /v1/records` بتسجيلات أقل.
RECORDS_REFUSED = { PLURAL($count) ->
        [zero] لا مخالفات في تسجيلات الطلب
        [one] في تسجيلات الطلب مخالفة واحدة
        [two] في تسجيلات الطلب مخالفتان
        [few] في تسجيلات الطلب { $count } مخالفات
        [many] في تسجيلات الطلب { $count } مخالفةً
       *[other] في تسجيلات الطلب { $count } مخالفة
    }، ولم يُوقَّع أي شيء.
    .act = writer
    .next = صحّح ما تذكره الملاحظات بمساره، مثل records[3].payload.title.ar. ويعطي `POST /v1/records:check` أو `BatchCheck` الملاحظات كلها من دون توقيع.
PAYLOAD_NOT_JSON = القيمة في { $path } ليست كائن JSON: { $detail }
    .act = writer
    .next = أرسل حقول النوع في كائن JSON واحد بأسمائها في المخطط، أو في رسالة. ويعرض `multaqa-node get ID --json` حقول تسجيلة موجودة.
REVISIONS_EXHAUSTED = بلغت تنقيحات { $id } حدّها الأقصى وهو { $max }.
    .act = writer
    .next = اسحبها بالأمر `multaqa-node withdraw { $id }` ثم انشرها بمعرّف آخر.
OBJECT_UNKNOWN = لا توجد { $id } هنا.
    .act = reader
    .next = اعرض الموجود بالأمر `multaqa-node list`، ويسأل النظام `GET /v1/records`.
PROOF_INDEX_UNKNOWN = لا تسجيلة عند الموضع { $index } في سجل هذه العقدة، وعدد قيوده { $size }.
    .act = reader
    .next = انظر مواضع تسجيلات المادة بالأمر `multaqa-node history ID`، ويسأل النظام `GET /v1/records/ID/history`.
PROOF_NOT_SEALED = التسجيلة عند { $index } تقع بعد أحدث ختم في السجل، فليس بعدُ ما يثبت أنه لم تُحذف تسجيلة إدارة قبلها.
    .act = reader
    .next = يأتي الختم في ثوانٍ ما دامت العقدة محدَّثة: انظر `multaqa-node status` أو `GET /v1/status` ثم اطلب الإثبات من جديد.
PROOF_TOO_LARGE = تسجيلات الإدارة في الاتحاد أكثر من { $max } أو من 8 ميبيبايت، وهو ما يتسع له ملف الإثبات.
    .act = operator
    .next = اطلب الإثباتات مفردة من `SyncService.Proof` عبر gRPC، وانظر الدليل بالأمر `multaqa-hub members`.
PROOF_FILE_UNWRITABLE = تعذّرت كتابة { $path }: { $detail }
    .act = reader
    .next = سمِّ ملفًا غير موجود في مجلد لك أن تكتب فيه: `multaqa-node get ID --proof --out FILE`.
APPROVAL_GIVEN = سبق أن وافق هذا العضو على { $record } ({ $id }).
    .act = writer
    .next = لا يلزم شيء، ويعرض `multaqa-node status` ما ينتظر الموافقة.
REPLICA_MISSING = دفتر العقدة سليم، لكن لا نسخة محلية في { $dir }: لم يُفحص شيء من السجل.
    .act = member-node
    .next = شغّل العقدة بالأمر `multaqa-node serve --dir { $dir }` فتجلبها من المنصة المركزية، ثم أعد الفحص.

REPLICA_STARTING = العقدة في بدء سريع، وقد أخذت { $size } من { $end } قيدًا، ولا تجيب عن شيء قبل التحقق منه كله.
    .act = member-node
    .next = انتظر حتى يُظهر `multaqa-node status` أو `GET /v1/status` أن البدء السريع قد انتهى، ثم أعد المحاولة.
REPLICA_EMPTY = النسخة المحلية فارغة، فلم تتلقَّ العقدة السجل بعد.
    .act = member-node
    .next = انتظر حتى يُظهر `multaqa-node status` أو `GET /v1/status` موضع المزامنة ثم أعد المحاولة.

# The node's own socket and the command line.
LIST_KIND_UNKNOWN = لا يوجد نوع تسجيلة باسم «{ $kind }»{ $nearest ->
        [none] .
       *[other] ، وأقرب الأنواع إليه «{ $nearest }».
    }
    .act = reader
    .next = الأنواع هي: { $kinds }؛ مثلًا `multaqa-node list service`، وللنظام `GET /v1/services`.

PAGE_TOKEN_BAD = «{ $value }» ليس رمز صفحة لهذا الاستعلام، فلم يَرِد في أي جواب عنه.
    .act = reader
    .next = أعد الاستعلام بحقوله كلها كما كانت مع الرمز الوارد في آخر جواب عنه، أو ابدأ من الصفحة الأولى من دون رمز: `GET /v1/records`.
ORDER_UNKNOWN = لا تُرتَّب القوائم بحسب «{ $order }»{ $nearest ->
        [none] .
       *[other] ، وأقرب الترتيبات إليه «{ $nearest }».
    }
    .act = reader
    .next = الترتيبات المتاحة هي: { $orders }. واكتب «desc» بعد أحدها لعرض الأكبر أولًا، مثل `title.ar desc`.
FIELD_PATH_UNKNOWN = لا يوجد حقل في المسار «{ $path }»{ $nearest ->
        [none] .
       *[other] ، وأقرب المسارات إليه «{ $nearest }».
    }
    .act = reader
    .next = سمِّ الحقول كما ترد في JSON، مثل `id,title.ar,payload.sectors`. وتجد مخطط كل نوع تحت ‎/v1/schema.
POSITION_NOT_REACHED = في النسخة المحلية { $size } قيدًا، ولم تبلغ الموضع { $wanted } خلال المهلة.
    .act = reader
    .next = أعد المحاولة بعد ثانية. ويبيّن `multaqa-node status` أو `GET /v1/status` هل الخط إلى المنصة المركزية قائم وكم تتأخر العقدة عنها.
RECORD_ID_MALFORMED = «{ $value }» ليس معرّف تسجيلة من 64 رقمًا ست عشريًا.
    .act = reader
    .next = انسخه من `multaqa-node history ID` أو `multaqa-node status`.
NODE_NOT_RUNNING = لا تجيب أي عقدة على { $socket }: { $detail }.
    .act = member-node
    .next = شغّلها بالأمر `multaqa-node serve --dir { $dir }` أو حدّد مجلدها بالخيار `--dir DIR`.
NODE_CALL_FAILED = لم تجب العقدة كما ينبغي: { $detail }.
    .act = member-node
    .next = قارن `multaqa-node --version` بالإصدار الذي يُظهره `multaqa-node status` وراجع رسائل تشغيل العقدة.
PATH_UNREADABLE = لا يمكن قراءة { $file }: { $detail }.
    .act = writer
    .next = تحقّق من المسار وأذوناته بالأمر `ls -ld { $file }`.
FILES_TOO_LARGE = حجم الملفات مجتمعة { PLURAL($found) ->
        [zero] { $found } بايت
        [one] بايت واحد
        [two] بايتان
        [few] { $found } بايتات
        [many] { $found } بايتًا
       *[other] { $found } بايت
    }، وأقصى ما يُنشر دفعة واحدة { $max }.
    .act = writer
    .next = نفّذ `multaqa-node publish FILE...` عدة مرات بملفات أقل.
FSCK_FOUND = { PLURAL($count) ->
        [zero] لا خلل
        [one] خلل واحد
        [two] خللان
        [few] { $count } مواضع خلل
        [many] { $count } موضع خلل
       *[other] { $count } موضع خلل
    }: ملف journal.db أو النسخة المحلية غير سليم.
    .act = operator
    .next = النسخة المحلية التالفة تُجلب من جديد: أوقف العقدة واحذف replica.db ثم نفّذ `multaqa-node serve`. أما journal.db التالف فيُسترجع من نسخة احتياطية.
STORE_FILE_WRONG = ملف أحد المخازن تالف.
    .act = member-node
    .next = النسخة المحلية: أوقف العقدة واحذف replica.db وشغّل `multaqa-node serve` فتُجلب من السجل من جديد. أما journal.db فاستعده من نسخته الاحتياطية ثم شغّل `multaqa-node fsck`.
STORE_SCHEMA_WRONG = في أحد المخازن جدول أو فهرس يخالف ما ينشئه هذا البرنامج.
    .act = member-node
    .next = النسخة المحلية: أوقف العقدة واحذف replica.db وشغّل `multaqa-node serve` فتُجلب من السجل من جديد. أما journal.db فاستعده من نسخته الاحتياطية ثم شغّل `multaqa-node fsck`.
STORE_ROW_WRONG = صف محفوظ تغيّر دون علم العقدة.
    .act = member-node
    .next = النسخة المحلية: أوقف العقدة واحذف replica.db وشغّل `multaqa-node serve` فتُجلب من السجل من جديد. أما journal.db فاستعده من نسخته الاحتياطية ثم شغّل `multaqa-node fsck`.
STORE_ROWS_WRONG = صف مفقود، أو زاد صف لم تكتبه العقدة.
    .act = member-node
    .next = النسخة المحلية: أوقف العقدة واحذف replica.db وشغّل `multaqa-node serve` فتُجلب من السجل من جديد. أما journal.db فاستعده من نسخته الاحتياطية ثم شغّل `multaqa-node fsck`.

# أنظمة الجهات.
CLIENT_NAME_WRONG = «{ $value }» ليس اسم نظام: الصيغة ORG/NAME من كلمتين، كل منهما 24 حرفًا لاتينيًا صغيرًا أو رقمًا أو شرطة على الأكثر.
    .act = member-node
    .next = سمِّه مثلًا mof/budget: `multaqa-node client add mof/budget --csr FILE`
CLIENT_EXISTS = يوجد نظام باسم { $name }.
    .act = member-node
    .next = أصدر له شهادة أخرى بالأمر `multaqa-node client renew { $name } --csr FILE` أو ألغه أولًا بالأمر `multaqa-node client revoke { $name }`.
CLIENT_UNKNOWN = لا يوجد نظام باسم { $name }.
    .act = member-node
    .next = اعرض الأنظمة بالأمر `multaqa-node client list`.
CLIENTS_TOO_MANY = لا تحفظ العقدة أكثر من { $max } من الأنظمة.
    .act = member-node
    .next = اعرف ما لم تعد تحتاج إليه بالأمر `multaqa-node client list`؛ ويمكن لعقدة أخرى لهذا العضو أن تخدم المزيد.
CLIENT_SCOPE_WRONG = «{ $value }» ليس صلاحية{ $nearest ->
        [none] .
       *[other] ، وأقرب الأنواع إليه «{ $nearest }».
    }
    .act = member-node
    .next = اكتب read:KIND أو publish:KIND، والعلامة * لكل الأنواع؛ وأنواع التسجيلات في `multaqa-node client add --help`.
CLIENT_REVOKED = لم يعد يُسمح للنظام { $identity } بالدخول: أُلغي، أو استُبدلت شهادته هذه.
    .act = system
    .next = اطلب شهادة جديدة من القائمين على العقدة، فهم يُصدرونها بالأمر `multaqa-node client add NAME --csr FILE`.
CLIENT_DENIED = لا يحق للنظام { $identity } الوصول إلى { $resource }: تنقصه الصلاحية { $rule }.
    .act = system
    .next = راجع القائمين على العقدة: الأمر `multaqa-node client show NAME` يعرض صلاحيات النظام، والأمر `multaqa-node client allow NAME SCOPE...` يغيّرها فورًا.
CLIENT_LOCAL_ONLY = لا يحق للنظام { $identity } الوصول إلى { $resource }: لا تسمح به أي صلاحية، فهو لجهاز العقدة نفسه.
    .act = system
    .next = اطلب من القائمين على العقدة أن ينفّذوه هناك؛ والأوامر في `multaqa-node --help`.
REQUESTS_TOO_MANY = للنظام { $identity } طلبات جارية بلغت الحد { $max }.
    .act = system
    .next = انتظر الأجوبة ثم أعد المحاولة بعد ثانية. ويمكن للقائمين على العقدة رفع `clients.requests_at_once`.
WATCHES_TOO_MANY = في هذه العقدة { $max } متابعة مفتوحة، وهذا أقصى عدد مسموح.
    .act = system
    .next = أغلق متابعة لا حاجة إليها، أو أعد المحاولة بعد بضع ثوانٍ. ويمكن أن تشمل المتابعة الواحدة عدة أنواع وأعضاء. ويعرض `multaqa-node client list` من يحق له المتابعة.
REQUEST_TOO_SLOW = لم يُجب عن الطلب خلال المهلة بالثواني: { $seconds }.
    .act = system
    .next = اطلب صفحات أصغر وأعد المحاولة بعد بضع ثوانٍ. ويمكن للقائمين على العقدة رفع `clients.seconds`.
METHOD_UNKNOWN = ليس في هذا المنفذ خدمة أو طريقة بهذا الاسم.
    .act = system
    .next = اعرف ما فيه بالأمر `grpcurl HOST:PORT list` مع الشهادة والمفتاح وملف ca.pem.
CODING_UNSUPPORTED = تُقرأ الرسائل كما هي من دون ضغط: { $detail }
    .act = system
    .next = أرسلها من دون ضغط: احذف الترويسة `grpc-encoding`، وفي بايثون `compression=grpc.Compression.NoCompression`.
MESSAGE_TOO_LARGE = الرسالة أكبر مما تقبله هذه الخدمة: { $detail }
    .act = system
    .next = أرسلها في أجزاء أصغر. ويمكن للقائمين على العقدة رفع `clients.request_kib` لما يُنشر.
MESSAGE_MALFORMED = تتعذر قراءة الرسالة: { $detail }
    .act = system
    .next = أعد بناء العميل من مخطط هذه العقدة: الأمر `grpcurl HOST:PORT describe` يعرضه.
NODE_ENDS = العقدة في طور التوقف.
    .act = member-node
    .next = أعد الأمر بعد تشغيلها من جديد: `multaqa-node serve`.

# البحث.
SEARCH_REBUILDING = فهرس البحث قيد البناء: { $done } من { $of } من القيود.
    .act = reader
    .next = أعد البحث بعد ثوانٍ: `multaqa-node search` أو `GET /v1/search`. أما القوائم بلا مرشِّحات والتسجيلات المفردة فتُعرض في هذه الأثناء.
SEARCH_TEXT_TOO_LONG = نص البحث { $found } بايت، والمسموح { $max }.
    .act = reader
    .next = ابحث عن كلمات أقل؛ والعبارة بين علامتي اقتباس تجد الكلمات بترتيبها. وفي `multaqa-node search --help` و`GET /docs` أمثلة.
SEARCH_WORDS_TOO_MANY = في نص البحث { $found } كلمة، والمسموح { $max }.
    .act = reader
    .next = ابحث عن كلمات أقل: كل كلمة يجب أن ترد في النتيجة. وفي `multaqa-node search --help` و`GET /docs` أمثلة.
SEARCH_FILTERS_TOO_MANY = يقبل البحث { $max } مرشِّحًا، لكل منها { $values } قيمة.
    .act = reader
    .next = اطلب بمرشِّحات أو قيم أقل؛ والوجه الواحد يقبل عدة قيم: `--filter country=JO --filter country=EG`، وللنظام `country=JO&country=EG`.
SEARCH_FACET_UNKNOWN = «{ $facet }» ليس وجهًا للتصنيف{ $nearest ->
        [none] .
       *[other] ؛ وأقربها «{ $nearest }».
    }
    .act = reader
    .next = اختر أحد هذه الأوجه، مثل `country`: { $facets }.
SEARCH_VALUE_UNKNOWN = «{ $value }» ليست قيمة من قيم وجه التصنيف «{ $facet }»{ $nearest ->
        [none] .
       *[other] ؛ وأقربها «{ $nearest }».
    }
    .act = reader
    .next = { $known ->
        [none] اختر قيمة تحملها التسجيلات، ويعدّها الطلب `GET /v1/records?facets={ $facet }` والأمر `multaqa-node search "" --facet { $facet }`.
       *[other] اختر إحدى هذه القيم، ويعدّها الطلب `GET /v1/records?facets={ $facet }`: { $known }.
    }
SEARCH_FAILED = تعطّل فهرس البحث: { $detail }
    .act = member-node
    .next = تحقّق من قرص مجلد العقدة؛ ويمكن حذف المجلد search منه والعقدة متوقفة، فيبنيه `multaqa-node serve` من جديد.

# التنزيلات.
DOWNLOADS_TOO_MANY = للنظام { $identity } تنزيلات جارية بلغت الحد { $max }.
    .act = system
    .next = اقرأ أحدها إلى آخره أو اقطعه ثم أعد المحاولة؛ وتُقرأ الصفحات في هذه الأثناء: `GET /v1/services?pageSize=500`.
DOWNLOAD_TOO_LARGE = القائمة أطول مما يحمله تنزيل واحد: عدد الصفوف { $rows } أو الحجم { $mib } ميبيبايت.
    .act = system
    .next = اطلب جزءًا منها، مثلًا `GET /v1/services?country=JO&format=csv`، أو اقرأها صفحة صفحة: `pageSize=500` مع `pageToken` من كل جواب.
DOWNLOAD_FAILED = تعذرت كتابة التنزيل: { $detail }
    .act = member-node
    .next = القائمة نفسها ما زالت متاحة: `GET /v1/services`. أرسل هذا التفصيل وما يقوله `multaqa-node --version` إلى القائمين على صيانة البرنامج.
FORMAT_NOT_OF_KIND = لا تتوفر هذه التسجيلات بالصيغة { $format }؛ وهي متاحة للأنواع: { $kinds }.
    .act = system
    .next = اطلب صيغة أخرى، مثلًا `GET /v1/records?format=csv`، أو نوعًا واحدًا: `GET /v1/services?format=jsonld`.
# HTTP.
ROUTE_UNKNOWN = لا شيء يُقدَّم على المسار { $path }.
    .act = system
    .next = انظر ما يُقدَّم: `GET /openapi.json` يصف كل مسار، و`GET /v1/kinds` يعرض المجموعات.
COLLECTION_UNKNOWN = لا توجد مجموعة «{ $collection }»{ $nearest ->
        [none] .
       *[other] ، وأقربها «{ $nearest }».
    }
    .act = system
    .next = المجموعات هي: { $known }؛ مثلًا `GET /v1/services`.
METHOD_NOT_ALLOWED = لا تصلح الطريقة { $method } لهذا المسار.
    .act = system
    .next = استعمل واحدة من: { $allowed }. وما تفعله كل منها في `GET /openapi.json`.
PARAMETER_UNKNOWN = ليس لهذا المسار وسيط باسم «{ $name }»{ $nearest ->
        [none] .
       *[other] ، وأقربها «{ $nearest }».
    }
    .act = system
    .next = { $known ->
        [none] احذفه: ليس لهذا المسار وسائط. ووصف كل مسار في `GET /openapi.json`.
       *[other] احذفه أو استعمل واحدًا من: { $known }. ووصفها في `GET /openapi.json`.
    }
PARAMETER_WRONG = لا يصح أن تكون قيمة الوسيط { $name } «{ $value }»: صيغته { $expected }.
    .act = system
    .next = صحّحه؛ `GET /openapi.json` يصف كل وسيط مع مثال.
PARAMETER_REPEATED = ورد الوسيط { $name } أكثر من مرة.
    .act = system
    .next = اذكره مرة واحدة؛ `GET /openapi.json` يبيّن ما يجوز تكراره.
PARAMETER_MISSING = الوسيط { $name } ناقص.
    .act = system
    .next = أضفه؛ `GET /openapi.json` يصفه مع مثال.
MEDIA_NOT_OFFERED = ليس في هذا المسار صيغة مما يقبله الطلب.
    .act = system
    .next = اطلب إحدى الصيغ { $offered } في الترويسة `Accept`، أو احذف `Accept`.
MEDIA_UNSUPPORTED = متن الطلب ليس من النوع { $expected }، أو هو مضغوط.
    .act = system
    .next = أرسله من دون ضغط، مع الترويسة `Content-Type: { $expected }`.
BODY_MALFORMED = لا يمكن قراءة متن الطلب: { $detail }.
    .act = system
    .next = افحصه بقارئ JSON، مثلًا `python3 -m json.tool FILE`؛ وفي `GET /openapi.json` متن صالح.
BODY_UNEXPECTED = لا يقبل هذا المسار متنًا.
    .act = system
    .next = أرسل الطلب بلا متن؛ وما يقبله كل مسار في `GET /openapi.json`.
CONDITION_UNSUPPORTED = النشر والسحب هنا لا يتوقفان على شرط: لم يُنظر في { $header } ولم يُنفَّذ شيء.
    .act = system
    .next = اقرأ التسجيلة أولًا، مثلًا `GET /v1/records/JO:service:sanad`، ثم أرسل الطلب دون { $header } إن كانت كما تتوقع.
BODY_TOO_SLOW = لم يصل متن الطلب خلال المهلة بالثواني: { $seconds }.
    .act = system
    .next = أعد إرساله، وعلى أجزاء أصغر إن كان الخط بطيئًا؛ والأمر `curl -v` يبيّن أين يضيع الوقت.
TARGET_TOO_LONG = المسار والوسائط أطول من { $max } بايت.
    .act = system
    .next = اطلب بوسائط أقل أو أقصر؛ ووصفها في `GET /openapi.json`.
HEADERS_TOO_LARGE = حجم الترويسات مجتمعة أكبر من { $max } بايت.
    .act = system
    .next = احذف ما لا يحتاج إليه الطلب كملفات الارتباط؛ والأمر `curl -v` يُظهر ما يُرسل.
# ‏SDMX.
SDMX_MALFORMED = ‏{ $name } ليس بالصيغة التي يحددها SDMX REST: ‏{ $value }. الصيغة: { $form }.
    .act = reader
    .next = اطلب `/sdmx/structure/datastructure/MULTAQA/FIGURES` لمعرفة الأبعاد وترتيبها؛ ومثال طلب كامل: `/sdmx/data/dataflow/x-escwa/egdi/*/A.*.JO?c[TIME_PERIOD]=ge:2018`.
SDMX_COMPONENT_UNKNOWN = لا يوجد هنا مكوّن باسم { $value }. الموجود: { $known }.
    .act = reader
    .next = يعرض `/sdmx/structure/datastructure/MULTAQA/FIGURES` مكوّنات جميع الأرقام.
SDMX_NOTHING_FOUND = لم يُعثر على شيء: { $resource }.
    .act = reader
    .next = يسرد `/sdmx/structure/dataflow` تدفقات البيانات، ويسرد `/sdmx/availability/dataflow/AGENCY/ID` القيم الموجودة.
SDMX_NOT_IMPLEMENTED = ‏{ $what } جزء من SDMX REST لا توفّره هذه العقدة.
    .act = reader
    .next = احذفه من الطلب: البنى والبيانات وتوافرها متاحة كما يبيّن `/docs`.
SDMX_ANSWER_TOO_LARGE = ستتجاوز الإجابة { $max } عنصرًا دفعة واحدة.
    .act = reader
    .next = ضيّق الطلب بالمفتاح أو بالمرشّح `c[REF_AREA]`، أو اطلب SDMX-CSV مع `dimensionAtObservation=AllDimensions` فلا حدّ له.
SDMX_PAST_ERASED = سُحبت مجموعة البيانات { $dataset } بعد ذلك ومُحي محتواها في كل مكان: فلا أحد يستطيع بيان الأرقام كما كانت في تلك اللحظة.
    .act = reader
    .next = اطلب أرقام ناشرين غير { $provider }، مثلًا بالمرشِّح `c[PROVIDER]=x-escwa`، أو أسقط `asOf`.
SDMX_CHANGES_UNTOLD = سُحبت مجموعة البيانات { $dataset } منذ ذلك الحين ومُحي محتواها: لا يمكن في هذا التحديد معرفة أيّ أرقامها زال.
    .act = reader
    .next = احذف `firstNObservations` و`lastNObservations` والمرشّحات بحسب الفترة أو القيمة أو حالتها أو الوحدة أو مجموعة البيانات، أو اقرأ التحديد كلّه من جديد دون `updatedAfter`.
