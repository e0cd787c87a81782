# استعمال الأوامر
USAGE_WRONG = الأمر مكتوب على وجه لا يعرفه البرنامج: { $detail }
    .act = operator
    .next = اعرض ما يقبله البرنامج بالأمر `{ $program } --help`.

# شكل البيانات الواردة
RECORD_UNDECODABLE = تعذّر فكّ ترميز الجزء { $field } من التسجيلة.
    .act = writer
    .next = نفّذ `multaqa-node queue` للاطلاع على التسجيلة، ثم نفّذ `multaqa-node fsck`.
RECORD_MALFORMED = الحقل { $field } في التسجيلة مخالف للصيغة.
    .act = writer
    .next = نفّذ `multaqa-node queue` للاطلاع على التسجيلة، ثم نفّذ `multaqa-node fsck`.
RECORD_TOO_LARGE = حجم الجزء { $field } من التسجيلة { PLURAL($found) ->
        [zero] { $found } بايت
        [one] بايت واحد
        [two] بايتان
        [few] { $found } بايتات
        [many] { $found } بايتًا
       *[other] { $found } بايت
    }، والحد الأقصى { $max }.
    .act = writer
    .next = اختصر النصوص أو قسّم مجموعة البيانات بحسب الفترات، ثم نفّذ `multaqa-node publish FILE` من جديد.
CONTENT_HASH_WRONG = المحتوى ليس هو المذكور في البيان الموقّع.
    .act = writer
    .next = نفّذ `multaqa-node queue` للاطلاع على التسجيلة، ثم نفّذ `multaqa-node fsck`.
ID_MALFORMED = «{ $value }» ليس معرّفًا بالصيغة المطلوبة.
    .act = writer
    .next = اكتب رموز الأعضاء على نحو JO أو x-escwa ومعرّفات التسجيلات على نحو JO:service:sanad؛ ويعرض `multaqa-node list` الموجود منها.
    .hub-act = operator
    .hub-next = صحّح الخيار الذي أعطاه الأمر ثم كرّره؛ ويعرض `multaqa-hub help` ما يقبله كل أمر.
JOIN_KEY_MALFORMED = النص ليس مفتاح انضمام كاملًا.
    .act = member-node
    .next = انسخ المفتاح كاملًا من `mq1.` إلى آخره ثم نفّذ `multaqa-node join --key-file FILE` من جديد.

# فحص محتوى التسجيلات
PAYLOAD_UNDECODABLE = الحمولة ليست رسالة من نوع التسجيلة المعلن.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
PAYLOAD_SEALED = محتوى { $id } مشفّر من طرف إلى طرف، وهذا الإصدار لا يقبله.
    .act = writer
    .next = انشره لنطاق اطلاع أضيق: `multaqa-node publish FILE`.
FIELD_REQUIRED = الحقل { $path } مطلوب وغير موجود.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
    .hub-act = operator
    .hub-next = صحّح الخيار الذي أعطاه الأمر ثم كرّره؛ ويعرض `multaqa-hub help` ما يقبله كل أمر.
LANGUAGE_UNKNOWN = النص { $path } بلغة «{ $value }» وهي ليست من لغات الشبكة.
    .act = writer
    .next = اكتب النصوص بالعربية ar أو الإنجليزية en أو الفرنسية fr، ثم نفّذ `multaqa-node publish FILE` من جديد.
    .hub-act = operator
    .hub-next = صحّح الخيار الذي أعطاه الأمر ثم كرّره؛ ويعرض `multaqa-hub help` ما يقبله كل أمر.
TEXT_EMPTY = النص { $path } فارغ.
    .act = writer
    .next = اكتب النص أو احذف لغته، ثم نفّذ `multaqa-node publish FILE` من جديد.
    .hub-act = operator
    .hub-next = صحّح الخيار الذي أعطاه الأمر ثم كرّره؛ ويعرض `multaqa-hub help` ما يقبله كل أمر.
TEXT_TOO_LONG = عدد أحرف النص { $path } هو { $found }، والحد الأقصى { $max }.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
    .hub-act = operator
    .hub-next = صحّح الخيار الذي أعطاه الأمر ثم كرّره؛ ويعرض `multaqa-hub help` ما يقبله كل أمر.
TEXT_NOT_NFC = النص { $path } ليس بصيغة يونيكود المعيارية NFC.
    .act = writer
    .next = احفظ الملف بالصيغة المعيارية NFC، ثم نفّذ `multaqa-node publish FILE` من جديد.
    .hub-act = operator
    .hub-next = صحّح الخيار الذي أعطاه الأمر ثم كرّره؛ ويعرض `multaqa-hub help` ما يقبله كل أمر.
TEXT_BIDI_CONTROL = في { $path } المحرف { $character } الذي يغيّر اتجاه النص، وهو غير جائز في الأسماء.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
    .hub-act = operator
    .hub-next = صحّح الخيار الذي أعطاه الأمر ثم كرّره؛ ويعرض `multaqa-hub help` ما يقبله كل أمر.
TEXT_CONTROL = في { $path } محرف تحكّم غير جائز هو { $character }.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
    .hub-act = operator
    .hub-next = صحّح الخيار الذي أعطاه الأمر ثم كرّره؛ ويعرض `multaqa-hub help` ما يقبله كل أمر.
CODE_UNKNOWN = قيمة { $path } هي «{ $value }»، والقيم الجائزة: { $allowed }.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
    .hub-act = operator
    .hub-next = صحّح الخيار الذي أعطاه الأمر ثم كرّره؛ ويعرض `multaqa-hub help` ما يقبله كل أمر.
CODE_MALFORMED = الحقل { $path }: «{ $value }» ليس رمزًا بالصيغة المطلوبة.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
    .hub-act = operator
    .hub-next = صحّح الخيار الذي أعطاه الأمر ثم كرّره؛ ويعرض `multaqa-hub help` ما يقبله كل أمر.
REFERENCE_MALFORMED = الحقل { $path }: «{ $value }» لا يصلح معرّفًا لما يُشار إليه هنا.
    .act = writer
    .next = اكتب رموز الأعضاء على نحو JO أو x-escwa ومعرّفات التسجيلات على نحو JO:organisation:modee ومن النوع الذي يطلبه الحقل، ثم نفّذ `multaqa-node publish FILE` من جديد.
    .hub-act = operator
    .hub-next = صحّح الخيار الذي أعطاه الأمر ثم كرّره؛ ويعرض `multaqa-hub help` ما يقبله كل أمر.
AREA_MALFORMED = الحقل { $path }: «{ $value }» ليس رمز منطقة صحيحًا.
    .act = writer
    .next = اكتب حرفين لاتينيين كبيرين (ISO 3166-1) أو ثلاثة أرقام (M49) أو x- يليها اسم، ثم نفّذ `multaqa-node publish FILE` من جديد.
DATE_MALFORMED = الحقل { $path }: «{ $value }» ليس تاريخًا صحيحًا.
    .act = writer
    .next = اكتب التاريخ على نحو 2024 أو 2024-05 أو 2024-05-31، ثم نفّذ `multaqa-node publish FILE` من جديد.
PERIOD_MALFORMED = الحقل { $path }: «{ $value }» ليست فترة زمنية صحيحة.
    .act = writer
    .next = اكتبها بصيغة SDMX: 2024 أو 2024-S1 أو 2024-Q1 أو 2024-05 أو 2024-W07 أو 2024-05-31، ثم نفّذ `multaqa-node publish FILE` من جديد.
DURATION_MALFORMED = الحقل { $path }: «{ $value }» ليست مدّة صحيحة.
    .act = writer
    .next = اكتبها بصيغة ISO 8601 مثل P3D أو PT15M، ثم نفّذ `multaqa-node publish FILE` من جديد.
DECIMAL_MALFORMED = الحقل { $path }: «{ $value }» ليس عددًا عشريًا صحيحًا.
    .act = writer
    .next = اكتب أرقامًا ونقطة عشرية دون أُسّ مثل 0.7500، ثم نفّذ `multaqa-node publish FILE` من جديد.
OUT_OF_RANGE = قيمة { $path } هي { $found }، ويجب أن تقع بين { $min } و{ $max }.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
    .hub-act = operator
    .hub-next = صحّح الخيار الذي أعطاه الأمر ثم كرّره؛ ويعرض `multaqa-hub help` ما يقبله كل أمر.
RANGE_REVERSED = الحقل { $path }: الحد الأعلى { $max } أصغر من الحد الأدنى { $min }.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
LENGTH_WRONG = طول { $path } هو { PLURAL($found) ->
        [zero] { $found } بايت
        [one] بايت واحد
        [two] بايتان
        [few] { $found } بايتات
        [many] { $found } بايتًا
       *[other] { $found } بايت
    }، والمطلوب { $expected }.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
    .hub-act = operator
    .hub-next = صحّح الخيار الذي أعطاه الأمر ثم كرّره؛ ويعرض `multaqa-hub help` ما يقبله كل أمر.
LIST_TOO_LONG = عدد عناصر { $path } هو { $found }، والحد الأقصى { $max }.
    .act = writer
    .next = اختصر القائمة أو وزّعها على عدة تسجيلات، ثم نفّذ `multaqa-node publish FILE` من جديد.
    .hub-act = operator
    .hub-next = صحّح الخيار الذي أعطاه الأمر ثم كرّره؛ ويعرض `multaqa-hub help` ما يقبله كل أمر.
KEY_DUPLICATE = الحقل { $path }: «{ $value }» مكرّر.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
    .hub-act = operator
    .hub-next = صحّح الخيار الذي أعطاه الأمر ثم كرّره؛ ويعرض `multaqa-hub help` ما يقبله كل أمر.
URL_MALFORMED = الحقل { $path }: «{ $value }» ليس عنوانًا صحيحًا على الشبكة العالمية.
    .act = writer
    .next = ابدأ بـ https:// واكتب الباقي بمحارف ASCII مع ترميز غيرها بعلامة النسبة المئوية، ثم نفّذ `multaqa-node publish FILE` من جديد.
EMAIL_MALFORMED = الحقل { $path }: «{ $value }» ليس عنوان بريد إلكتروني صحيحًا.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
TELEPHONE_MALFORMED = الحقل { $path }: «{ $value }» ليس رقم هاتف صحيحًا.
    .act = writer
    .next = اكتب علامة + ثم الأرقام مع رمز الدولة مثل +96265300222، ثم نفّذ `multaqa-node publish FILE` من جديد.
BROADER_UNKNOWN = الحقل { $path }: «{ $value }» ليس رمزًا آخر من رموز هذه القائمة.
    .act = writer
    .next = صحّح الملف ثم نفّذ `multaqa-node publish FILE` من جديد.
VALUE_CONTRADICTS_STATUS = في { $path } قيمة، مع أن الحالة { $status } تدل على عدم وجود قيمة.
    .act = writer
    .next = اترك القيمة فارغة أو اذكر حالتها الصحيحة، ثم نفّذ `multaqa-node publish FILE` من جديد.
STATUS_REQUIRED = الحقل { $path }: لا توجد قيمة ولا حالة تبيّن السبب.
    .act = writer
    .next = اذكر القيمة، أو حالة: O مفقودة، أو M لا يمكن أن توجد، أو L موجودة ولم تُجمع، ثم نفّذ `multaqa-node publish FILE` من جديد.

# الحكم على تسجيلات البيانات
OBJECT_FOREIGN = لا يحق للكاتب { $writer } كتابة { $id }، فهي تخص عضوًا آخر.
    .act = writer
    .next = ابدأ المعرّف برمز العضو نفسه، ثم نفّذ `multaqa-node publish FILE` من جديد.
PUBLISHER_NOT_ALLOWED = لا يحق للكاتب نشر تسجيلات من النوع { $kind }.
    .act = writer
    .next = نفّذ `multaqa-node status` لمعرفة فئة العضو.
MEMBER_UNKNOWN = لا يوجد عضو برمز { $member }.
    .act = writer
    .next = نفّذ `multaqa-node status` لمعرفة ما لدى العقدة.
    .hub-act = operator
    .hub-next = اعرض الأعضاء بالأمر `multaqa-hub members`، أو اقبل العضو بالأمر `multaqa-hub invite { $member } --name en=NAME`.
    .node-act = writer
    .node-next = صحّح رمز العضو؛ ويعرض الأمر `multaqa-node list` رموز الأعضاء في أوائل المعرّفات.
MEMBER_SUSPENDED = عضوية { $member } معلّقة.
    .act = operator
    .next = نفّذ `multaqa-hub members` للاطلاع على الأعضاء والعقد.
    .hub-act = operator
    .hub-next = أعده أولًا بالأمر `multaqa-hub members reinstate { $member }`.
GROUP_UNKNOWN = لا توجد مجموعة باسم { $group }.
    .act = writer
    .next = سمِّ مجموعة موجودة، ثم نفّذ `multaqa-node publish FILE` من جديد.
    .hub-act = operator
    .hub-next = اعرض المجموعات بالأمر `multaqa-hub group`، أو أنشئها بالأمر `multaqa-hub group create { $group }`.
REPLACES_STALE = لا تذكر التسجيلة التنقيحات السابقة كلها كما هي، فقد سبقها تنقيح آخر.
    .act = writer
    .next = نفّذ `multaqa-node get ID` للاطلاع على أحدث تنقيح، ثم نفّذ `multaqa-node publish FILE` من جديد.
    .hub-act = operator
    .hub-next = سبق هذا الأمرَ تغييرٌ آخر: انظر ما هو نافذ بالأمرين `multaqa-hub members` و`multaqa-hub group` ثم كرّر الأمر.
AUDIENCE_SHRINKS = سيضيق نطاق الاطلاع على { $id } من «{ $earlier }» إلى «{ $later }»، ولا يجوز إلا توسيعه.
    .act = writer
    .next = لتضييقه نفّذ `multaqa-node withdraw ID` ثم انشرها بمعرّف جديد.
OBJECT_WITHDRAWN = { $id } مسحوبة ولا تقبل تنقيحات أخرى.
    .act = writer
    .next = انشرها بمعرّف جديد: `multaqa-node publish FILE`.
TOMBSTONE_REVISED = { $id } إشعار سحب ولا يقبل التنقيح.
    .act = writer
    .next = نفّذ `multaqa-node withdraw ID` من جديد.
TOMBSTONE_INCOMPLETE = إشعار سحب { $id } لا يذكر التنقيح { $missing }.
    .act = writer
    .next = نفّذ `multaqa-node withdraw ID` من جديد.
TOMBSTONE_NARROW = إشعار سحب { $id } موجّه إلى «{ $later }» والتسجيلة إلى «{ $earlier }»، فلن يعلم به بعض القرّاء.
    .act = writer
    .next = نفّذ `multaqa-node withdraw ID` من جديد.
KIND_NOT_WITHDRAWABLE = لا يمكن سحب { $id }، فالتسجيلات من النوع { $kind } تبقى.
    .act = writer
    .next = نفّذ `multaqa-node list` لمعرفة ما يمكن سحبه.

# الكتّاب والمفاتيح والسلاسل
SIGNATURE_BAD = توقيع { $writer } غير صحيح.
    .act = writer
    .next = نفّذ `multaqa-node queue` للاطلاع على التسجيلة، ثم نفّذ `multaqa-node fsck`.
    .hub-act = operator
    .hub-next = تأكد من أن المجلد هو مجلد هذا المشغّل وأن لا نسخة أخرى منه تُستعمل: الخيار `--operator-dir DIR`، ثم كرّر الأمر.
KEY_UNKNOWN = لا يملك { $writer } هذا المفتاح.
    .act = writer
    .next = نفّذ `multaqa-node status` لمعرفة ما لدى العقدة.
    .hub-act = operator
    .hub-next = تأكد من أن المجلد هو مجلد هذا المشغّل وأن لا نسخة أخرى منه تُستعمل: الخيار `--operator-dir DIR`، ثم كرّر الأمر.
KEY_SUSPENDED = مفاتيح { $writer } معلّقة.
    .act = operator
    .next = نفّذ `multaqa-hub members` للاطلاع على الأعضاء والعقد.
FEDERATION_WRONG = التسجيلة تخص اتحادًا آخر.
    .act = writer
    .next = نفّذ `multaqa-node status` لمعرفة ما لدى العقدة.
    .hub-act = operator
    .hub-next = تأكد من أن المجلد هو مجلد هذا المشغّل وأن لا نسخة أخرى منه تُستعمل: الخيار `--operator-dir DIR`، ثم كرّر الأمر.
CHAIN_GAP = تنقص تسجيلات للكاتب { $writer } قبل هذه التسجيلة.
    .act = writer
    .next = نفّذ `multaqa-node queue` للاطلاع على التسجيلة، ثم نفّذ `multaqa-node fsck`.
    .hub-act = operator
    .hub-next = تأكد من أن المجلد هو مجلد هذا المشغّل وأن لا نسخة أخرى منه تُستعمل: الخيار `--operator-dir DIR`، ثم كرّر الأمر.
CHAIN_FORK = وقّع { $writer } تسجيلة أخرى للموضع نفسه من سلسلته.
    .act = writer
    .next = نفّذ `multaqa-node fsck`؛ وإن كان قرص العقدة قد استُعيد من نسخة احتياطية فاطلب من أحد المشغّلين دعوة جديدة (`multaqa-hub invite MEMBER`).
    .hub-act = operator
    .hub-next = تأكد من أن المجلد هو مجلد هذا المشغّل وأن لا نسخة أخرى منه تُستعمل: الخيار `--operator-dir DIR`، ثم كرّر الأمر.
CHAIN_PREVIOUS_WRONG = تسجيلة { $writer } لا تلي أحدث تسجيلاته.
    .act = writer
    .next = نفّذ `multaqa-node queue` للاطلاع على التسجيلة، ثم نفّذ `multaqa-node fsck`.
    .hub-act = operator
    .hub-next = تأكد من أن المجلد هو مجلد هذا المشغّل وأن لا نسخة أخرى منه تُستعمل: الخيار `--operator-dir DIR`، ثم كرّر الأمر.
EPOCH_WRONG = حقبة { $writer } ليست هي المنتظرة.
    .act = writer
    .next = نفّذ `multaqa-node status`؛ وإن وُجّهت إلى العقدة دعوة جديدة فنفّذ `multaqa-node join --key-file FILE`.
    .hub-act = operator
    .hub-next = سبق هذا الأمرَ تغييرٌ آخر: انظر ما هو نافذ بالأمرين `multaqa-hub members` و`multaqa-hub group` ثم كرّر الأمر.
WRITER_FROZEN = وقّع { $writer } تسجيلتين مختلفتين للموضع نفسه من سلسلته. البيّنة مدرجة في السجل، ولا يُرتَّب له شيء بعدها إلى أن تبدأ حقبته التالية.
    .act = writer
    .next = أوقف كل نسخ العقدة، وتبيّن من يملك مفتاح تسجيلاتها غيرك، ثم اطلب دعوة من أحد المشغّلين (`multaqa-hub invite MEMBER --node NAME`) وانضم بها في مجلد جديد: `multaqa-node join --key-file FILE --dir DIR`.
    .hub-act = operator
    .hub-next = انظر البيّنة بالأمر `multaqa-hub members`. ويعود المشغّل إلى التوقيع متى سمّت سياسةٌ جديدة مفتاحًا آخر له.
EVIDENCE_WRONG = في السجل بيّنة لا تثبت شيئًا: { $detail }
    .act = hub
    .next = أبلغ المشغّلين، ونفّذ `multaqa-node status` لترى ما لدى العقدة.

# تسجيلات الإدارة
GENESIS_WRONG = القيد الأول من السجل ليس القيد التأسيسي المنتظر.
    .act = operator
    .next = قارن مفتاح الانضمام بناتج `multaqa-hub status` لدى المشغّلين ثم نفّذ `multaqa-node join --key-file FILE`.
POSSESSION_BAD = إثباتات الحيازة لا تشمل ثلاثة مفاتيح مختلفة للعقدة المدعوّة.
    .act = member-node
    .next = اطلب من أحد المشغّلين مفتاح انضمام جديدًا (`multaqa-hub invite MEMBER`) ثم نفّذ `multaqa-node join --key-file FILE`.
INVITATION_UNKNOWN = لا توجد دعوة كهذه لهذه العقدة.
    .act = member-node
    .next = اطلب من أحد المشغّلين مفتاح انضمام جديدًا (`multaqa-hub invite MEMBER`) ثم نفّذ `multaqa-node join --key-file FILE`.
INVITATION_PENDING = ما زالت الدعوة تنتظر الموافقات.
    .act = operator
    .next = اطلب من بقية المشغّلين الموافقة عليها ثم نفّذ `multaqa-node join --key-file FILE` من جديد.
INVITATION_EXPIRED = انتهت مدة الدعوة.
    .act = operator
    .next = اطلب من أحد المشغّلين مفتاح انضمام جديدًا (`multaqa-hub invite MEMBER`) ثم نفّذ `multaqa-node join --key-file FILE`.
INVITATION_USED = سبق استعمال الدعوة.
    .act = operator
    .next = إن لم تستعملها هذه العقدة فأبلغ المشغّلين فورًا، فقد يكون مفتاح الانضمام مسروقًا. ويصدر مفتاح جديد بالأمر `multaqa-hub invite MEMBER`.
POLICY_OLD = السياسة رقم { $number } لا تلي السياسة النافذة.
    .act = operator
    .next = نفّذ `multaqa-hub status` لمعرفة السياسة النافذة.
    .hub-act = operator
    .hub-next = سبق هذا الأمرَ تغييرٌ آخر: انظر ما هو نافذ بالأمرين `multaqa-hub members` و`multaqa-hub group` ثم كرّر الأمر.
WITNESS_NOT_STATE = لا يمكن أن يكون { $member } شاهدًا: فهو ليس دولة عضوًا نافذة العضوية.
    .act = operator
    .next = اعرض الأعضاء بالأمر `multaqa-hub members` ثم اقترح السياسة من جديد بالأمر `multaqa-hub policy witnesses`.
WITNESSES_TOO_FEW = بهذه السياسة يبقى شهودًا { $staying } من أصل { $states } من الدول، ويجب أن يكون الباقون أغلبية.
    .act = operator
    .next = أبقِ عددًا أكبر منهم، أو أدخل الآخرين أولًا: يعرض الأمر `multaqa-hub policy` قائمة الشهود.
APPROVAL_UNKNOWN = لا تنتظر التسجيلة { $record } هذه الموافقة: لا وجود لها، أو صارت نافذة أو لاغية، أو لا شأن لهذا العضو بها.
    .act = operator
    .next = نفّذ `multaqa-hub status` لمعرفة ما ينتظر الموافقة.
    .hub-next = يعرض الأمر `multaqa-hub approve` كل ما ينتظر.
    .node-act = writer
    .node-next = يعرض الأمر `multaqa-node approve` ما ينتظر هذا العضو.
OPERATOR_UNKNOWN = ليس { $operator } مشغّلًا في السياسة النافذة أو أن مفتاحه مختلف.
    .act = operator
    .next = تأكد من مجلد المشغّل: `--operator-dir DIR`؛ فقد تكون السياسة قد استبدلت بهذا المشغّل غيره.
GROUP_HISTORY_FIXED = قاعدة الاطلاع على ما سبق في المجموعة { $group } ثابتة منذ إنشائها.
    .act = operator
    .next = أبقِ القاعدة أو أنشئ مجموعة جديدة: `multaqa-hub group --help`.

# الإنذارات: ما قد يُضبط على المنصة المركزية
FRAME_BAD = ورد من المنصة المركزية إطار مخالف للصيغة.
    .act = hub
    .next = تستمر القراءة من النسخة المحلية. نفّذ `multaqa-node fsck` وأرسل ناتجه إلى مشغّلي المنصة المركزية.
FRAME_TOO_LARGE = ورد من المنصة المركزية إطار يتجاوز بعد فكّه { PLURAL($max) ->
        [zero] { $max } بايت
        [one] بايت واحد
        [two] بايتين
        [few] { $max } بايتات
        [many] { $max } بايتًا
       *[other] { $max } بايت
    }.
    .act = hub
    .next = تستمر القراءة من النسخة المحلية. نفّذ `multaqa-node fsck` وأرسل ناتجه إلى مشغّلي المنصة المركزية.
LOG_GAP = أرسلت المنصة المركزية قيودًا تبدأ من { $found } والقيد التالي هو { $expected }.
    .act = hub
    .next = تستمر القراءة من النسخة المحلية. نفّذ `multaqa-node fsck` وأرسل ناتجه إلى مشغّلي المنصة المركزية.
LOG_REWOUND = عدد القيود التي تشملها نقطة التحقّق الموقّعة { $found }، وكان يجب أن تشمل { $expected }: لقد أُرجع السجل إلى الوراء.
    .act = operator
    .next = تستمر القراءة من النسخة المحلية. نفّذ `multaqa-node fsck` وأرسل ناتجه إلى مشغّلي المنصة المركزية.
CHECKPOINT_BAD = نقطة التحقّق ليست لهذا السجل أو ليست موقّعة بمفتاحه.
    .act = operator
    .next = تستمر القراءة من النسخة المحلية. نفّذ `multaqa-node fsck` وأرسل ناتجه إلى مشغّلي المنصة المركزية.
    .hub-act = operator
    .hub-next = لا تُجرِ شيئًا آخر مع هذه المنصة: أخبر بقية المشغّلين وافحصها على جهازها بالأمر `multaqa-hub fsck --dir DIR`.
ROOT_WRONG = القيود لا تعطي الجذر الموقّع عند الحجم { $size }: لقد غُيّر السجل.
    .act = operator
    .next = تستمر القراءة من النسخة المحلية. نفّذ `multaqa-node fsck` وأرسل ناتجه إلى مشغّلي المنصة المركزية.
LOG_FORK = وقّع مفتاح السجل تاريخين مختلفين: عند الحجم { $size } جذرٌ غير الجذر الذي تحويه هذه العقدة.
    .act = operator
    .next = تستمر القراءة من النسخة المحلية. احتفظ بالبيّنة: نفّذ `multaqa-node fsck` واعرض نقطتي التحقّق الموقّعتين على الأعضاء الآخرين والمشغّلين.
LEAF_MISMATCH = القيد { $index }: ورقة الشجرة لا توافق ما أُرسل معها.
    .act = operator
    .next = تستمر القراءة من النسخة المحلية. نفّذ `multaqa-node fsck` وأرسل ناتجه إلى مشغّلي المنصة المركزية.
SEAL_WRONG = الختم عند { $index } يناقض تسجيلات الإدارة التي قبله: لقد غُيّر بعضها أو أُخفي.
    .act = operator
    .next = تستمر القراءة من النسخة المحلية. نفّذ `multaqa-node fsck` وأرسل ناتجه إلى مشغّلي المنصة المركزية.
TIME_WENT_BACK = يرجع الزمن إلى الوراء في السجل عند القيد { $index }.
    .act = operator
    .next = تستمر القراءة من النسخة المحلية. نفّذ `multaqa-node fsck` وأرسل ناتجه إلى مشغّلي المنصة المركزية.
OVER_SHARED = أرسلت المنصة المركزية محتوى القيد { $index } للكاتب { $writer } وهذا العضو ليس في نطاق الاطلاع عليه.
    .act = operator
    .next = تستمر القراءة من النسخة المحلية. نفّذ `multaqa-node fsck` وأرسل ناتجه إلى مشغّلي المنصة المركزية.
CONTROL_WITHHELD = القيد { $index } تسجيلة لأحد المشغّلين وقد حجبت المنصة المركزية محتواها.
    .act = operator
    .next = تستمر القراءة من النسخة المحلية. نفّذ `multaqa-node fsck` وأرسل ناتجه إلى مشغّلي المنصة المركزية.

# ما تردّ به المنصة المركزية على من يتصل بها
PROPOSAL_PENDING = التغيير نفسه في { $id } مقترح سلفًا وينتظر الموافقات: التسجيلة { $record }.
    .act = operator
    .next = وافق عليه بالأمر `multaqa-hub approve { $record }` بدل اقتراحه مرة أخرى؛ ويعرض الأمر `multaqa-hub approve` كل ما ينتظر.
CALLER_UNKNOWN = وصل الاستدعاء من دون طرف متحقَّق من هويته.
    .act = hub
    .next = أبلغ عن أسطر سجلّ التشغيل المحيطة به؛ ويبيّن `multaqa-hub status` سلامة المنصة المركزية.
CALLER_NOT_ALLOWED = لا يحق لـ { $peer } استدعاء { $service }.
    .act = member-node
    .next = انضمّ أولًا بالأمر `multaqa-node join --key-file FILE`؛ ويستعمل المشغّلون مجلدهم الخاص مع `multaqa-hub status`.
    .hub-act = operator
    .hub-next = تأكد من أن المجلد هو مجلد هذا المشغّل وأن لا نسخة أخرى منه تُستعمل: الخيار `--operator-dir DIR`، ثم كرّر الأمر.
REQUEST_MALFORMED = الحقل { $field } في الطلب مفقود أو غير سليم.
    .act = member-node
    .next = قارن الإصدارين بالأمرين `multaqa-node --version` و`multaqa-hub --version`، وحدّث الأقدم منهما.
    .hub-act = operator
    .hub-next = قارن الإصدارين بالأمر `multaqa-hub --version` هنا وعلى جهاز المنصة المركزية، وحدّث الأقدم.
HUB_DRAINING = المنصة المركزية في طور التوقف ولا تقبل جديدًا.
    .act = member-node
    .next = لم يُفقد شيء: تعيد العقدة المحاولة من تلقاء نفسها؛ ويبيّن `multaqa-node status` متى تتصل.
    .hub-act = operator
    .hub-next = كرّر الأمر متى عادت المنصة المركزية إلى العمل: `systemctl status multaqa-hub` على جهازها.
VERSION_UNSUPPORTED = تتحدث العقدة بإصدارات البروتوكول { $offered }، وتتحدث المنصة المركزية بالإصدار { $spoken }.
    .act = member-node
    .next = حدّث الطرف الأقدم، ثم شغّل العقدة بالأمر `multaqa-node serve`.
LOG_UNKNOWN = طُلب السجل { $asked }، والمنصة المركزية تخدم السجل { $current }.
    .act = member-node
    .next = انظر أيَّ سجل تتبعه العقدة بالأمر `multaqa-node status`.
HUB_BEHIND = عدد القيود لدى العقدة { $cursor }، وليس لدى المنصة المركزية سوى { $size }: استُعيدت المنصة من نسخة احتياطية قديمة.
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
    .hub-act = operator
    .hub-next = كرّر الأمر حين تنتهي أوامر هذا المشغّل الأخرى، أو ارفع `limits.streams_per_node` (انظر `multaqa-hub config show`).
COSIGNER_NOT_WITNESS = أرسلت { $writer } توقيع شاهد، والسياسة النافذة لا تعتدّ بتوقيعاتها.
    .act = operator
    .next = انظر `multaqa-hub policy`: تصبح الدولة شاهدًا متى سمّتها سياسة نافذة.
COSIGNATURE_BAD = لا تقبل المنصة المركزية توقيع الشاهد { $writer }: { $detail }.
    .act = member-node
    .next = نفّذ `multaqa-node fsck` وقارن جذره بما يعطيه `multaqa-hub fsck`، وأبلغ المشغّلين إن اختلفا.
COSIGNATURE_TIME = وقّع الشاهد { $writer } بوقت يبعد { $seconds } ثانية عن ساعة المنصة المركزية.
    .act = member-node
    .next = اضبط ساعة العقدة (NTP)؛ يعرض الأمر `multaqa-node status` مقدار الفرق.
BATCH_TOO_LARGE = عدد التسجيلات في طلب واحد { $found }، ولا يجوز أن يبقى بلا جواب أكثر من { $max }.
    .act = member-node
    .next = انشر على دفعات أصغر: `multaqa-node publish FILE` ملفًّا بعد ملف.
RANGE_WRONG = المدى من { $from } إلى { $to } ليس من هذا السجل، وعدد قيوده { $size }.
    .act = member-node
    .next = انظر موضع العقدة بالأمر `multaqa-node status`.
REDEEM_OTHER_INVITATION = تسجيلة المفاتيح تخص { $writer }، لكن الدعوة لعقدة أخرى.
    .act = member-node
    .next = اطلب من المشغّل مفتاح انضمام لهذه العقدة ونفّذ `multaqa-node join --key-file FILE` في مجلد فارغ.
REDEEM_NOT_KEY = ما أُرسل لاستعمال الدعوة ليس تسجيلة مفاتيح بمحتواها.
    .act = member-node
    .next = قارن الإصدارين بالأمرين `multaqa-node --version` و`multaqa-hub --version`، ثم نفّذ `multaqa-node join --key-file FILE` من جديد.
CERTIFICATE_PAST_LIFE = انقضت مدة شهادة { $peer }: لا يجوز بها إلا تجديدها.
    .act = member-node
    .next = تجدّدها العقدة العاملة من تلقاء نفسها؛ ويبيّن `multaqa-node status` إلى متى تسري شهادتها.
RENEWAL_OTHER = طلب التجديد غير مطابق: الحقل { $field } ليس للعقدة الطالبة أو ليس لطلب الشهادة المرفق.
    .act = member-node
    .next = تأكد من أن `multaqa-node serve --dir DIR` يعمل في مجلد العقدة التي انضمت؛ ويبيّن `multaqa-node status` أيَّ عقدة هي.
RENEWAL_TIME = طُلب التجديد في وقت يبعد { PLURAL($seconds) ->
        [zero] { $seconds } ثانية
        [one] ثانية واحدة
        [two] ثانيتين
        [few] { $seconds } ثوانٍ
        [many] { $seconds } ثانية
       *[other] { $seconds } ثانية
    } عن وقت المنصة المركزية، والحد الأقصى بالثواني { $max }.
    .act = member-node
    .next = اضبط ساعة الجهاز بالأمر `timedatectl set-ntp true`؛ وستعيد العقدة الطلب من تلقاء نفسها.
RENEWAL_KEY_SAME = يطلب التجديد شهادة للمفتاح المستعمل نفسه، ولكل شهادة مفتاح جديد.
    .act = member-node
    .next = قارن الإصدارين بالأمرين `multaqa-node --version` و`multaqa-hub --version`، وحدّث الأقدم منهما.
RENEWAL_NOT_IN_USE = يطلب { $writer } التجديد بشهادة لم يبدأ استعمالها بعد.
    .act = member-node
    .next = أعد تشغيل العقدة بالأمر `multaqa-node serve`: فأول تحية منها تُدخل شهادتها في الاستعمال.
RENEWAL_TOO_OFTEN = عدد الشهادات التي مُنحها { $writer } خلال ساعة واحدة { $max }.
    .act = member-node
    .next = ستعيد العقدة الطلب من تلقاء نفسها؛ تحقق بالأمر `multaqa-node status` من قدرتها على حفظ هويتها، وبالأمر `df -h` من المساحة المتاحة.
WRITER_NOT_PEER = وصلت تسجيلة باسم { $writer } عبر اتصال { $peer }؛ ولا يرسل الطرف إلا تسجيلاته.
    .act = member-node
    .next = تحقّق من شهادة العقدة بالأمر `multaqa-certs inspect FILE` ومن تسجيلاتها بالأمر `multaqa-node status`.
    .hub-act = operator
    .hub-next = تأكد من أن المجلد هو مجلد هذا المشغّل وأن لا نسخة أخرى منه تُستعمل: الخيار `--operator-dir DIR`، ثم كرّر الأمر.
CONTENT_MISSING = أُرسلت تسجيلة بلا محتواها.
    .act = member-node
    .next = افحص تسجيلات العقدة بالأمر `multaqa-node fsck`.
BATCH_FAILED = تعذّر على المنصة المركزية حفظ هذه الدفعة: { $detail }. لم يدخل شيء منها في السجل.
    .act = hub
    .next = ستعيد العقدة الإرسال من تلقاء نفسها؛ وافحص المساحة المتاحة لدى المنصة بالأمر `df -h`.
    .hub-act = operator
    .hub-next = انظر المساحة المتبقية على جهاز المنصة المركزية بالأمر `df -h` ثم كرّر الأمر: ما وُقّع لا يُوقَّع مرتين.
HUB_HALTED = المنصة المركزية لا تستقبل تسجيلات: { $why }. أما القراءة فمستمرة.
    .act = operator
    .next = انظر السبب بالأمر `multaqa-hub status`. فإن كان قرصها ممتلئًا كفى إفراغ مساحة عليه، فتستأنف عملها من تلقاء نفسها. وإلا فابحث عن أول خطأ في مخرجاتها، وافحص المخزن بالأمر `multaqa-hub fsck --dir DIR`، ثم أعد تشغيلها.
CURSOR_UNKNOWN = لا تنتهي أي دفعة من السجل عند { $cursor }.
    .act = member-node
    .next = افحص النسخة المحلية للعقدة بالأمر `multaqa-node fsck`.
