# ما تشترك فيه أوامر الطرفية كلها: الجهة المعنية، وحداثة البيانات، والأعمار، والمدد، والأحجام.
label-act = الجهة المعنية: { $act }
label-next = الخطوة التالية: { $next }

act-member-node = العقدة الوطنية
act-hub = المنصة المركزية
act-operator = أحد المشغّلين
act-writer = كاتب التسجيلة
act-reader = القارئ
act-system = نظام الجهة

fresh-live = محدَّث
fresh-stale = متأخر التحديث
fresh-offline = غير متصل

age-now = الآن
age-s = منذ { PLURAL($n) ->
        [zero] { $n } ثانية
        [one] ثانية واحدة
        [two] ثانيتين
        [few] { $n } ثوانٍ
        [many] { $n } ثانية
       *[other] { $n } ثانية
    }
age-min = منذ { PLURAL($n) ->
        [zero] { $n } دقيقة
        [one] دقيقة واحدة
        [two] دقيقتين
        [few] { $n } دقائق
        [many] { $n } دقيقة
       *[other] { $n } دقيقة
    }
age-h = منذ { PLURAL($n) ->
        [zero] { $n } ساعة
        [one] ساعة واحدة
        [two] ساعتين
        [few] { $n } ساعات
        [many] { $n } ساعة
       *[other] { $n } ساعة
    }
age-d = منذ { PLURAL($n) ->
        [zero] { $n } يوم
        [one] يوم واحد
        [two] يومين
        [few] { $n } أيام
        [many] { $n } يومًا
       *[other] { $n } يوم
    }

span-none = أقل من ثانية
span-s = { PLURAL($n) ->
        [zero] { $n } ثانية
        [one] ثانية واحدة
        [two] ثانيتان
        [few] { $n } ثوانٍ
        [many] { $n } ثانية
       *[other] { $n } ثانية
    }
span-min = { PLURAL($n) ->
        [zero] { $n } دقيقة
        [one] دقيقة واحدة
        [two] دقيقتان
        [few] { $n } دقائق
        [many] { $n } دقيقة
       *[other] { $n } دقيقة
    }
span-h = { PLURAL($n) ->
        [zero] { $n } ساعة
        [one] ساعة واحدة
        [two] ساعتان
        [few] { $n } ساعات
        [many] { $n } ساعة
       *[other] { $n } ساعة
    }
span-d = { PLURAL($n) ->
        [zero] { $n } يوم
        [one] يوم واحد
        [two] يومان
        [few] { $n } أيام
        [many] { $n } يومًا
       *[other] { $n } يوم
    }

size-b = { PLURAL($n) ->
        [zero] { $n } بايت
        [one] بايت واحد
        [two] بايتان
        [few] { $n } بايتات
        [many] { $n } بايتًا
       *[other] { $n } بايت
    }
size-kib = { $n } كيبيبايت
size-mib = { $n } ميبيبايت
size-gib = { $n } جيبيبايت
size-tib = { $n } تيبيبايت
