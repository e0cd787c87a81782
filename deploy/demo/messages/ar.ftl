# ما قد يتعثّر حول اتحاد العرض.
DEMO_COMMAND_FAILED = انتهى الأمر { $command } بالرمز { $code }: { $stderr }
    .act = operator
    .next = أعد تشغيل الأمر نفسه مع إضافة --log debug.
DEMO_DISK_FAILED = تعذّر استخدام { $path }: { $why }
    .act = operator
    .next = حدّد مجلدًا آخر: cargo demo --dir DIR
DEMO_JSON_UNEXPECTED = أخرج أحد الأوامر صيغة JSON غير متوقعة: لا يوجد { $what } في { $found }
    .act = operator
    .next = اختلطت برامج من إصدارات مختلفة؛ أعد بناءها كلها بالأمر cargo build.
DEMO_LINK_FAILED = تعذّر فتح الخط بين العقدة والمنصة المركزية: { $why }
    .act = operator
    .next = حرّر بعض منافذ العنوان المحلي ثم شغّل cargo demo من جديد.
DEMO_MEMBER_UNKNOWN = { $member } ليس عضوًا هنا.
    .act = operator
    .next = اكتب s لترى الأعضاء بأرقامهم ورموزهم.
DEMO_PROCESS_DIED = انتهت العملية { $name } من تلقاء نفسها: { $status }. آخر أسطر { $log }:
    { $tail }
    .act = operator
    .next = اقرأ هذا الملف ثم شغّل cargo demo من جديد.
DEMO_PROGRAM_NOT_STARTED = تعذّر تشغيل { $program }: { $why }
    .act = operator
    .next = أعد بناءه بالأمر cargo build.
DEMO_RECORD_NOT_REVISED = تعذّر إعداد تنقيح للملف { $path }: { $why }
    .act = operator
    .next = عدّل الملف يدويًا وانشره بالأمر multaqa-node publish FILE.
DEMO_STOPPED_BADLY = طُلب من { $name } أن تتوقف فانتهت بالحالة { $status }. آخر أسطر { $log }:
    { $tail }
    .act = operator
    .next = اقرأ هذا الملف ثم شغّل cargo demo من جديد.
DEMO_TIMED_OUT = لم يتحقق خلال { PLURAL($seconds) ->
        [zero] { $seconds } ثانية
        [one] ثانية واحدة
        [two] ثانيتين
        [few] { $seconds } ثوانٍ
        [many] { $seconds } ثانية
       *[other] { $seconds } ثانية
    }: { $what }. آخر ما شوهد: { $seen }
    .act = operator
    .next = شغّل cargo demo --dir DIR واقرأ ملفات التشغيل في ذلك المجلد.
DEMO_ROOTS_DIFFER = النسخ المحلية لدى { $members } تختلف عن سجل المنصة المركزية.
    .act = operator
    .next = شغّل cargo demo --dir DIR ثم multaqa-node fsck --dir DIR/MEMBER-gw1 لكل عضو.
