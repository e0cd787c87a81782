# نصوص رموز الأخطاء لوحدة الشهادات.

IDENTITY_MALFORMED = «{ $value }» لا يسمّي طرفًا: المطلوب hub/NAME أو operator/NAME أو node/CODE/NAME، ولا نقطة في أيّ جزء.
    .act = operator
    .next = اكتب الهوية بإحدى هذه الصيغ، مثلًا: multaqa-certs issue --identity node/JO/gw1

IDENTITY_FOREIGN = «{ $value }» ليس من الاتحاد { $federation }.
    .act = operator
    .next = افحص الأسماء المذكورة في الشهادة بالأمر: multaqa-certs inspect FILE

IDENTITY_NAMES_DISAGREE = المعرّف { $uri } يقتضي اسم النطاق { $expected }، والمذكور في الشهادة { $found }.
    .act = operator
    .next = أصدر الشهادة من جديد بالأمر: multaqa-certs issue --dir DIR --identity IDENTITY --new-key --out FILE

SERIAL_MALFORMED = «{ $value }» ليس رقمًا تسلسليًا من سلطة شهادات هذا الاتحاد: المطلوب 32 خانة ست عشرية أولاها من 4 إلى 7.
    .act = operator
    .next = اقرأ الرقم التسلسلي من الشهادة بالأمر: multaqa-certs inspect FILE

SERIAL_NOT_ACTIVE = الشهادة { $serial } الخاصة بـ { $identity } ليست في قائمة الشهادات المسموح بها: أُلغيت أو استُبدلت أو لم تُقبل قط.
    .act = member-node
    .next = اطلب من مشغّل المنصة المركزية مفتاح انضمام جديدًا ثم شغّل: multaqa-node join --key-file FILE
    .hub-act = operator
    .hub-next = نفّذ على جهاز المنصة المركزية `multaqa-hub allow --dir DIR --certificate tls.pem` وانتظر نصف دقيقة. وإن كان المشغّل قد أُزيل من السياسة فلا شهادة تنفعه.

SERIAL_OTHER_OWNER = الشهادة { $serial } تسمّي { $identity }، لكنّ هذا الرقم التسلسلي صدر لـ { $owner }: قد يكون أحد مفاتيح الإصدار مسروقًا.
    .act = operator
    .next = قارن الشهادة بما هو مقيّد لدى المنصة المركزية بالأمر: multaqa-hub members

INVITATION_NOT_OPEN = لا دعوة مفتوحة للمفتاح { $key }: استُعملت أو انقضت مدتها أو لم توجد أصلًا.
    .act = operator
    .next = ادعُ العضو من جديد بالأمر: multaqa-hub invite MEMBER

PROFILE_VERSION = شهادة { $profile } يجب أن تكون من الإصدار 3 من X.509؛ والموجود { $found }.
    .act = operator
    .next = اعرض كل قاعدة مخالَفة بالأمر: multaqa-certs verify FILE --root root.pem

PROFILE_SIGNATURE = شهادة { $profile } يجب أن توقَّع بخوارزمية ECDSA مع SHA-384؛ والموجود { $found }.
    .act = operator
    .next = اعرض كل قاعدة مخالَفة بالأمر: multaqa-certs verify FILE --root root.pem

PROFILE_KEY = مفتاح شهادة { $profile } على منحنى غير صحيح (سلطة الشهادات تستعمل P-384 والطرف يستعمل P-256)؛ والموجود { $found }.
    .act = operator
    .next = اعرض كل قاعدة مخالَفة بالأمر: multaqa-certs verify FILE --root root.pem

PROFILE_LIFE = مدة صلاحية شهادة { $profile } أطول مما يسمح به نموذجها؛ والموجود { $found }.
    .act = operator
    .next = اعرض كل قاعدة مخالَفة بالأمر: multaqa-certs verify FILE --root root.pem

PROFILE_SERIAL = شهادة { $profile } تحتاج إلى رقم تسلسلي موجب من 16 بايتًا؛ والموجود { $found }.
    .act = operator
    .next = اعرض كل قاعدة مخالَفة بالأمر: multaqa-certs verify FILE --root root.pem

PROFILE_CA = القيود الأساسية في شهادة { $profile } غير صحيحة (سلطة شهادات أم لا، طول المسار، الإلزام)؛ والموجود { $found }.
    .act = operator
    .next = اعرض كل قاعدة مخالَفة بالأمر: multaqa-certs verify FILE --root root.pem

PROFILE_KEY_USAGE = استعمال المفتاح في شهادة { $profile } غير صحيح؛ والموجود { $found }.
    .act = operator
    .next = اعرض كل قاعدة مخالَفة بالأمر: multaqa-certs verify FILE --root root.pem

PROFILE_PURPOSE = شهادة { $profile } يجب أن يكون لها الغرض الوحيد المحدّد في نموذجها دون غيره؛ والموجود { $found }.
    .act = operator
    .next = اعرض كل قاعدة مخالَفة بالأمر: multaqa-certs verify FILE --root root.pem

PROFILE_ZONE = شهادة { $profile } غير مقيّدة بنطاق الأسماء المخصّص لها؛ والموجود { $found }.
    .act = operator
    .next = اعرض كل قاعدة مخالَفة بالأمر: multaqa-certs verify FILE --root root.pem

PROFILE_NAMES = شهادة { $profile } تحتاج إلى اسم نطاق واحد ومعرّف URI واحد لا غير؛ والموجود { $found }.
    .act = operator
    .next = اعرض كل قاعدة مخالَفة بالأمر: multaqa-certs verify FILE --root root.pem

PROFILE_NAMES_AGREE = معرّف URI واسم النطاق في شهادة { $profile } غير متطابقين أو ليسا من هذا الاتحاد؛ والموجود { $found }.
    .act = operator
    .next = اعرض كل قاعدة مخالَفة بالأمر: multaqa-certs verify FILE --root root.pem

PROFILE_ROLE = شهادة { $profile } تسمّي طرفًا له دور آخر؛ والموجود { $found }.
    .act = operator
    .next = اعرض كل قاعدة مخالَفة بالأمر: multaqa-certs verify FILE --root root.pem

PROFILE_KEY_IDS = شهادة { $profile } تنقصها معرّفات المفاتيح؛ والموجود { $found }.
    .act = operator
    .next = اعرض كل قاعدة مخالَفة بالأمر: multaqa-certs verify FILE --root root.pem

PROFILE_EXTENSIONS = شهادة { $profile } فيها امتداد خارج نموذجها أو امتداد مكرّر؛ والموجود { $found }.
    .act = operator
    .next = اعرض كل قاعدة مخالَفة بالأمر: multaqa-certs verify FILE --root root.pem

PROFILE_SUBJECT = موضوع شهادة { $profile } لا يسمّي هذا الاتحاد؛ والموجود { $found }.
    .act = operator
    .next = اعرض كل قاعدة مخالَفة بالأمر: multaqa-certs verify FILE --root root.pem

CERT_MALFORMED = تعذّرت قراءة الشهادة: { $why }.
    .act = member-node
    .next = افحص الملف بالأمر: multaqa-certs inspect FILE
    .hub-act = operator
    .hub-next = افحص الشهادة بجذر الاتحاد بالأمر `multaqa-certs verify tls.pem --root root.pem` في مجلد المشغّل، أو حدّد المنصة الصحيحة بالخيار `--hub HOST:PORT`.
    .certs-act = operator
    .certs-next = انظر ما في الملف بالأمر: multaqa-certs inspect FILE

CERT_CHAIN_LENGTH = عدد الشهادات في السلسلة { $found }، والمطلوب اثنتان: شهادة الطرف وشهادة سلطة الإصدار.
    .act = member-node
    .next = افحص الملف بالأمر: multaqa-certs inspect FILE
    .hub-act = operator
    .certs-act = operator
    .certs-next = انظر ما في الملف بالأمر: multaqa-certs inspect FILE
    .hub-next = أعطِ الملف كله كما كتبه `multaqa-certs issue`: الشهادة ثم شهادة سلطة الإصدار؛ ويعرض `multaqa-certs inspect FILE` ما فيه.

CERT_EXPIRED = انتهت صلاحية الشهادة في { $not_after }، والوقت { $now }.
    .act = member-node
    .next = تحقّق من الساعة، ثم اطلب من مشغّل المنصة المركزية مفتاح انضمام جديدًا وشغّل: multaqa-node join --key-file FILE
    .hub-act = operator
    .hub-next = أصدر شهادة جديدة حيث سلطة الشهادات بالأمر `multaqa-certs issue --dir CA --identity operator/NAME --new-key --replace --out tls.pem`، ثم نفّذ على جهاز المنصة `multaqa-hub allow --dir DIR --certificate tls.pem`.
    .certs-act = operator
    .certs-next = أصدر شهادة جديدة بالأمر: multaqa-certs issue --dir DIR --identity IDENTITY --new-key --replace --out FILE

CERT_NOT_YET_VALID = تبدأ صلاحية الشهادة في { $not_before }، والوقت { $now }.
    .act = member-node
    .next = قارن ساعة هذا الجهاز بساعة المنصة المركزية بالأمر: multaqa-node status
    .hub-act = operator
    .hub-next = قارن ساعة هذا الجهاز بساعة المنصة المركزية بالأمر `timedatectl` على الجهازين.
    .certs-act = operator
    .certs-next = قارن ساعة هذا الجهاز بساعة المنصة المركزية بالأمر `timedatectl` على الجهازين.

CERT_ROOT_EXPIRED = شهادة جذر الاتحاد صالحة من { $not_before } إلى { $not_after }، والوقت { $now }.
    .act = operator
    .next = تحقّق من الساعة، فإن كانت صحيحة فأنشئ جذرًا جديدًا بالأمر: multaqa-certs init --dir DIR --federation NAME

CERT_FOREIGN = لم تصدر الشهادة عن سلطة شهادات هذا الاتحاد: في الطرف الآخر جهة غريبة، أو أن أحد الملفات من اتحاد آخر.
    .act = member-node
    .next = تحقّق من الشهادة مقابل الجذر بالأمر: multaqa-certs verify FILE --root root.pem
    .hub-act = operator
    .hub-next = افحص الشهادة بجذر الاتحاد بالأمر `multaqa-certs verify tls.pem --root root.pem` في مجلد المشغّل، أو حدّد المنصة الصحيحة بالخيار `--hub HOST:PORT`.
    .certs-act = operator
    .certs-next = انظر ما في الملف بالأمر: multaqa-certs inspect FILE

CERT_PURPOSE = الشهادة ليست لهذا الطرف من الاتصال: كان المتوقع { $wanted }.
    .act = operator
    .next = اعرف الغرض منها بالأمر: multaqa-certs inspect FILE
    .hub-act = operator
    .hub-next = افحص الشهادة بجذر الاتحاد بالأمر `multaqa-certs verify tls.pem --root root.pem` في مجلد المشغّل، أو حدّد المنصة الصحيحة بالخيار `--hub HOST:PORT`.

CERT_CHAIN = السلسلة إلى الجذر غير سليمة: { $why }.
    .act = operator
    .next = تحقّق من الشهادة مقابل الجذر بالأمر: multaqa-certs verify FILE --root root.pem
    .hub-act = operator
    .hub-next = افحص الشهادة بجذر الاتحاد بالأمر `multaqa-certs verify tls.pem --root root.pem` في مجلد المشغّل، أو حدّد المنصة الصحيحة بالخيار `--hub HOST:PORT`.

CERT_WRONG_HUB = كان المتوقع { $expected }، والمجيب { $found }.
    .act = member-node
    .next = تحقّق من عنوان المنصة المركزية في الإعدادات بالأمر: multaqa-node config show
    .hub-act = operator
    .hub-next = تأكد من أن العنوان هو عنوان المنصة المركزية لا عنوان منفذ آخر، وحدّد العنوان الصحيح بالخيار `--hub HOST:PORT`.

CERT_PROVISIONAL_CHANGED = قدّم الطرف الآخر في أثناء الانضمام شهادة غير الأولى: قد يكون هناك عبث بخط الاتصال.
    .act = member-node
    .next = أعد الانضمام عبر خط تثق به: multaqa-node join --key-file FILE

CSR_TOO_LARGE = طلب الشهادة حجمه { PLURAL($bytes) ->
        [zero] { $bytes } بايت
        [one] بايت واحد
        [two] بايتان
        [few] { $bytes } بايتات
        [many] { $bytes } بايتًا
       *[other] { $bytes } بايت
    }، ولا يُقرأ أكثر من { $limit }.
    .act = member-node
    .next = أنشئ طلبًا جديدًا بالأمر: multaqa-certs request --out-key KEY --out-csr CSR

CSR_MALFORMED = هذا ليس طلب شهادة (PKCS#10).
    .act = member-node
    .next = أنشئ طلبًا جديدًا بالأمر: multaqa-certs request --out-key KEY --out-csr CSR

CSR_CURVE = مفتاح الطلب من نوع { $found }، ولا تصدر الشهادات إلا لمفاتيح P-256.
    .act = member-node
    .next = أنشئ طلبًا جديدًا بالأمر: multaqa-certs request --out-key KEY --out-csr CSR

CSR_SIGNATURE = الطلب غير موقَّع بالمفتاح الوارد فيه.
    .act = member-node
    .next = أنشئ طلبًا جديدًا بالأمر: multaqa-certs request --out-key KEY --out-csr CSR

CRYPTO_FAILED = أخفقت مكتبة التعمية: { $why }.
    .act = operator
    .next = تحقّق من سلامة التثبيت بالأمر: multaqa-certs --version
    .node-act = member-node

RANDOM_UNAVAILABLE = نظام التشغيل لا يوفّر أرقامًا عشوائية: { $why }.
    .act = operator
    .next = تحقّق من مولّد النواة بالأمر: head -c 16 /dev/urandom | wc -c
    .node-act = member-node

STORE_IO = تعذّر استعمال { $path }: { $why }.
    .act = operator
    .next = تحقّق من الصلاحيات والمساحة الحرة بالأمر: ls -ld { $path }; df { $path }
    .node-act = member-node

STORE_FILE_MISSING = الملف { $path } غير موجود.
    .act = operator
    .next = تحقق من المسار في الأمر، أو ابحث عن الملف بالأمر: ls -l { $path }
    .node-act = member-node

STORE_KEY_EXPOSED = صلاحيات { $path } هي { $mode }: يستطيع غير مالكه قراءة هذا المفتاح أو تغييره.
    .act = operator
    .next = تبيّن من كان له وصول إليه، ثم استبدل المفتاح أو أغلق الملف بالأمر: chmod 600 { $path }
    .node-act = member-node

STORE_FILE_EXISTS = الملف { $path } موجود ولن يُستبدل.
    .act = operator
    .next = اختر اسمًا أو مجلدًا آخر. لا يُنقل مفتاح قد يكون مستعملًا؛ اعرف ما هو بالأمر `multaqa-certs inspect FILE`.
    .node-act = member-node

STORE_FILE_TOO_LARGE = الملف { $path } أطول من { PLURAL($limit) ->
        [zero] { $limit } بايت
        [one] بايت واحد
        [two] بايتين
        [few] { $limit } بايتات
        [many] { $limit } بايتًا
       *[other] { $limit } بايت
    }: ليس من ملفات المفاتيح أو الشهادات.
    .act = operator
    .next = تبيّن ما هو بالأمر: file { $path }
    .node-act = member-node

STORE_FILE_MALFORMED = الملف { $path } لا يحوي المطلوب: { $what }.
    .act = operator
    .next = افحص الملف بالأمر: multaqa-certs inspect { $path }
    .node-act = member-node

ISSUER_WRONG = سلطة الشهادات «{ $issuer }» لا تصدر لـ { $identity }: للمنصة المركزية والمشغّلين والعقد الوطنية سلطات منفصلة، ولأنظمة الجهات سلطة عقدتها.
    .act = operator
    .next = اختر هوية من الدور الصحيح: multaqa-certs issue --dir DIR --identity node/JO/gw1 --new-key --out FILE

ISSUER_UNKNOWN = { $profile } ليست سلطة إصدار: السلطات هي nodes-issuer وhub-issuer وoperators-issuer.
    .act = operator
    .next = اعرف ما في الملف بالأمر: multaqa-certs inspect FILE

ISSUE_LIFE = مدة شهادة { $profile } من يوم واحد إلى { PLURAL($limit) ->
        [zero] { $limit } يوم
        [one] يوم واحد
        [two] يومين
        [few] { $limit } أيام
        [many] { $limit } يومًا
       *[other] { $limit } يوم
    }، والمطلوب { $days }.
    .act = operator
    .next = احذف --days أو اطلب { $limit } على الأكثر: multaqa-certs issue --days { $limit }

ISSUER_EXPIRED = انتهت صلاحية سلطة الشهادات «{ $issuer }» في { $not_after } ولم تعد تصدر شيئًا.
    .act = operator
    .next = اصنعها من جديد ومفتاح الجذر حاضر بالأمر: multaqa-certs renew-issuer --dir DIR --issuer { $issuer }

ISSUER_KEY_MISMATCH = الملف { $path } ليس المفتاح الخاص للشهادة المجاورة له.
    .act = operator
    .next = قارن بالمفتاح العام في الشهادة: multaqa-certs fingerprint FILE

FEDERATION_NAME_LABEL = أحد أجزاء اسم الاتحاد { $federation } أطول من 63 حرفًا.
    .act = operator
    .next = اختر اسمًا أقصر: multaqa-certs init --dir DIR --federation NAME

TLS_IDENTITY_UNUSABLE = لا يمكن استعمال المفتاح والشهادة معًا: { $why }.
    .act = operator
    .next = افحص ملف الهوية بالأمر: multaqa-certs inspect FILE
    .node-act = member-node

HANDSHAKE_TIMEOUT = لم يُتمّ الطرف الآخر مصافحة TLS خلال { $limit } مللي ثانية.
    .act = member-node
    .next = تحقّق من الخط بين العقدة الوطنية والمنصة المركزية بالأمر: multaqa-node status

HANDSHAKE_FAILED = أخفقت مصافحة TLS: { $why }.
    .act = member-node
    .next = يلزم TLS 1.3 وشهادة من هذا الاتحاد؛ تحقّق من العقدة الوطنية بالأمر: multaqa-node status

HANDSHAKE_NO_HTTP2 = لم يطلب الطرف الآخر HTTP/2 (ALPN h2).
    .act = member-node
    .next = اتصل ببرنامج من برامج هذه الشبكة: multaqa-node status

CONNECTION_CUT = قُطع الاتصال: أُلغيت شهادته أو أُغلقت دعوته أو أن البرنامج في طور التوقف.
    .act = member-node
    .next = اطّلع على الحالة بالأمر: multaqa-node status
    .hub-act = operator
    .hub-next = كرّر الأمر؛ وإن تكرّر القطع فانظر رسائل المنصة المركزية بالأمر `journalctl -u multaqa-hub`.

CONNECTION_EXPIRED = أُنهي الاتصال لأن الشهادة التي فُتح بها بلغت نهايتها.
    .act = member-node
    .next = تتصل العقدة من جديد بشهادتها المجدَّدة من تلقاء نفسها؛ انظر: multaqa-node status

PREFACE_TIMEOUT = لم يرسل الطرف الآخر شيئًا بعد مصافحة TLS: لم تصل مقدمة HTTP/2 في الوقت المحدد.
    .act = member-node
    .next = تحقّق من الخط بين العقدة الوطنية والمنصة المركزية بالأمر: multaqa-node status

PREFACE_NOT_HTTP2 = البايتات الأولى من الطرف الآخر ليست مقدمة HTTP/2.
    .act = member-node
    .next = اتصل ببرنامج من برامج هذه الشبكة: multaqa-node status

FRAME_BUDGET = أرسل الطرف الآخر من أطر التحكم في HTTP/2 أكثر من المسموح للاتصال الواحد: إغراق متعمّد أو برنامج معطوب.
    .act = operator
    .next = ابحث عن الطرف في يوميات تشغيل المنصة المركزية، فإن استمر فتعرّف عليه بالأمر: multaqa-hub members

DIAL_TIMEOUT = لم يُجب { $address } خلال { $limit } مللي ثانية.
    .act = member-node
    .next = تحقّق من الخط ومن عنوان المنصة المركزية بالأمر: multaqa-node config show
    .hub-act = operator
    .hub-next = تحقق على جهاز المنصة المركزية من أنها تعمل بالأمر `systemctl status multaqa-hub`، أو حدّد عنوانًا آخر بالخيار `--hub HOST:PORT`.

DIAL_FAILED = تعذّر الوصول إلى { $address }: { $why }.
    .act = member-node
    .next = تحقّق من الخط ومن عنوان المنصة المركزية بالأمر: multaqa-node config show
    .hub-act = operator
    .hub-next = تحقق على جهاز المنصة المركزية من أنها تعمل بالأمر `systemctl status multaqa-hub`، أو حدّد عنوانًا آخر بالخيار `--hub HOST:PORT`.

DIAL_HANDSHAKE_TIMEOUT = لم يُتمّ { $address } مصافحة TLS خلال { $limit } مللي ثانية.
    .act = hub
    .next = اسأل مشغّلي المنصة المركزية هل هي مثقلة بالعمل؛ يتحققون بالأمر: multaqa-hub status
    .hub-act = operator
    .hub-next = تحقق على جهاز المنصة المركزية من أنها تعمل بالأمر `systemctl status multaqa-hub`، أو حدّد عنوانًا آخر بالخيار `--hub HOST:PORT`.

DIAL_HANDSHAKE_FAILED = أخفقت مصافحة TLS مع { $address }: { $why }.
    .act = member-node
    .next = تأكد من أن العنوان هو عنوان المنصة المركزية بالأمر: multaqa-node config show
    .hub-act = operator
    .hub-next = تأكد من أن العنوان هو عنوان المنصة المركزية لا عنوان منفذ آخر، وحدّد العنوان الصحيح بالخيار `--hub HOST:PORT`.

DIAL_NO_HTTP2 = لا يدعم { $address } بروتوكول HTTP/2 (ALPN h2): ليس منفذ المنصة المركزية.
    .act = member-node
    .next = تحقّق من عنوان المنصة المركزية بالأمر: multaqa-node config show
    .hub-act = operator
    .hub-next = تأكد من أن العنوان هو عنوان المنصة المركزية لا عنوان منفذ آخر، وحدّد العنوان الصحيح بالخيار `--hub HOST:PORT`.

HUB_SAYS_REVOKED = ترفض المنصة المركزية هذه الشهادة: أُلغيت، أو أن الدعوة غير مفتوحة.
    .act = member-node
    .next = اطلب من مشغّل المنصة المركزية مفتاح انضمام جديدًا ثم شغّل: multaqa-node join --key-file FILE
    .hub-act = operator
    .hub-next = نفّذ على جهاز المنصة المركزية `multaqa-hub allow --dir DIR --certificate tls.pem` وانتظر نصف دقيقة. وإن كان المشغّل قد أُزيل من السياسة فلا شهادة تنفعه.

HUB_SAYS_EXPIRED = تقول المنصة المركزية إن هذه الشهادة خارج مدة صلاحيتها.
    .act = member-node
    .next = تحقّق من الساعة، ثم اطلب من مشغّل المنصة المركزية مفتاح انضمام جديدًا وشغّل: multaqa-node join --key-file FILE
    .hub-act = operator
    .hub-next = أصدر شهادة جديدة حيث سلطة الشهادات بالأمر `multaqa-certs issue --dir CA --identity operator/NAME --new-key --replace --out tls.pem`، ثم نفّذ على جهاز المنصة `multaqa-hub allow --dir DIR --certificate tls.pem`.

HUB_SAYS_REFUSED = ترفض المنصة المركزية هذه الشهادة، والسبب مذكور في يوميات تشغيلها.
    .act = operator
    .next = تحقّق من الشهادة مقابل الجذر بالأمر: multaqa-certs verify FILE --root root.pem
    .hub-act = operator
    .hub-next = نفّذ على جهاز المنصة المركزية `multaqa-hub allow --dir DIR --certificate tls.pem` وانتظر نصف دقيقة. وإن كان المشغّل قد أُزيل من السياسة فلا شهادة تنفعه.

GENESIS_UNREADABLE = ليس "{ $value }" معرّف قيد تأسيسي: لا هو 64 رقمًا ستّ عشريًا، ولا ملف فيه هذه الأرقام، ولا ملف كتبه `multaqa-node backup genesis`.
    .act = reader
    .next = اسأل المشغّلين عن الأرقام التي طبعها `multaqa-hub init` ونفّذ `multaqa-certs verify-record FILE --genesis GENESIS`.

CSR_KEY_REFUSED = مفتاح الطلب { $found }؛ أما مفتاح نظام الجهة فهو P-256 أو P-384 أو RSA من 2048 إلى 4096 بت.
    .act = system
    .next = أنشئ مفتاحًا وطلبًا جديدين، مثلًا: openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj / -keyout KEY -out CSR ثم نفّذ `multaqa-node client add NAME --csr CSR`

SYSTEM_LIFE = مدة شهادة نظام الجهة بالأيام بين 1 و{ $limit }، والمدة المطلوبة { $days }.
    .act = member-node
    .next = احذف الخيار `--days` أو اطلب { $limit } على الأكثر: multaqa-node client add NAME --csr FILE --days { $limit }

SYSTEMS_CA_EXPIRED = انتهت في { $not_after } صلاحية جهة الإصدار الخاصة بالعقدة لأنظمة الجهات، فلم تعد تُصدر شيئًا.
    .act = member-node
    .next = انقل مجلد العقدة `clients/` جانبًا ثم شغّل `multaqa-node serve` من جديد: تُنشأ جهة إصدار جديدة، ويحتاج كل نظام إلى شهادة جديدة وإلى ملف ca.pem الجديد.

SYSTEMS_CA_ENDS = جهة الإصدار الخاصة بالعقدة لأنظمة الجهات صالحة حتى { $until }، ولا تتجاوز ذلك أي شهادة تصدرها.
    .act = member-node
    .next = نفّذ `multaqa-node client issuer renew`: يُنشئ الأمر جهة الإصدار التالية، وتبقى الشهادات المستعملة صالحة حتى نهاية مدتها.

SYSTEMS_CA_OVERLAP = ما زالت جهة الإصدار السابقة لأنظمة الجهات مستعملة، حتى { $not_after } على الأكثر، ولا تُحفظ إلا واحدة سابقة.
    .act = member-node
    .next = يبيّن `multaqa-node client issuer show` الأنظمة التي تستعملها؛ فإذا صارت لها شهادات جديدة انتهت من تلقاء نفسها، ويُنهيها الأمر `multaqa-node client issuer retire` فورًا.

SYSTEMS_CA_WRONG = لا يحوي الملف { $path } جهة إصدار لهذا الاتحاد مع مفتاحها.
    .act = member-node
    .next = أعد الملف من نسخته الاحتياطية. وإن لم توجد فانقل المجلد `clients/` جانبًا وشغّل `multaqa-node serve` من جديد: تُنشأ جهة إصدار جديدة، ويحتاج كل نظام إلى شهادة جديدة.

SYSTEMS_PORT_NAMELESS = ليس لمنفذ أنظمة الجهات اسم يُكتب في شهادته.
    .act = member-node
    .next = اضبط `clients.names` في الملف node.toml وتحقق منه بالأمر: multaqa-node config show

HANDSHAKE_PLAIN_HTTP = لا يقبل هذا المنفذ إلا HTTPS (TLS 1.3) مع شهادة عميل صادرة عن هذه العقدة، والذي وصل هو HTTP بلا TLS.
    .act = system
    .next = استعمل https:// مع الشهادة والمفتاح وملف ca.pem الخاص بالعقدة؛ ويُصدر مشغّلو العقدة الشهادة بالأمر `multaqa-node client add NAME --csr FILE` الذي يعرض سطرًا جاهزًا للاستعمال.
