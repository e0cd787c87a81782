# ما تشترك فيه أوامر الطرفية كلها: الجهة المعنية، وحداثة البيانات، والأعمار، والمدد، والأحجام.
label-act = الجهة المعنية: { $act }
label-next = الخطوة التالية: { $next }

act-member-node = العقدة الوطنية
act-hub = المنصة المركزية
act-operator = أحد المشغّلين
act-writer = كاتب التسجيلة
act-reader = القارئ
act-system = نظام الجهة

class-state = دولة
class-secretariat = الأمانة الفنية
class-observer = مراقب
class-partner = شريك

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

# أسباب تقولها الآلة بالإنجليزية، مع نصها الأصلي.
cause-not-found = لا وجود له ({ $raw })
cause-permission = لا تسمح الأذونات بذلك ({ $raw })
cause-exists = موجود من قبل ({ $raw })
cause-address-in-use = العنوان مستخدم حاليًا ({ $raw })
cause-address-foreign = ليس العنوان من عناوين هذا الجهاز ({ $raw })
cause-refused = رُفض الاتصال: لا أحد يستمع على هذا العنوان ({ $raw })
cause-line-lost = انقطع الاتصال ({ $raw })
cause-unreachable = لا طريق في الشبكة إلى هذا العنوان ({ $raw })
cause-timed-out = انقضت المهلة دون رد ({ $raw })
cause-no-space = لا مساحة متبقية على القرص ({ $raw })
cause-read-only = التخزين للقراءة فقط ({ $raw })
cause-directory = هو مجلد لا ملف ({ $raw })
cause-no-directory = في المسار ما ليس مجلدًا ({ $raw })
cause-locked = قاعدة البيانات مقفلة: تستخدمها عملية أخرى ({ $raw })
cause-disk = أخفق القرص ({ $raw })
cause-damaged = قاعدة البيانات تالفة ({ $raw })
cause-not-opened = تعذّر فتح ملف قاعدة البيانات ({ $raw })
cause-no-database = ليس الملف قاعدة بيانات ({ $raw })
cause-name-unknown = اسم الجهاز غير معروف لخادم الأسماء ({ $raw })

# التسجيلات التي تنتظر الموافقات: ما الذي ستغيّره.
change-head = { $kind }: { $id }، اقتراح { $by } (القيد { $index })
change-record = التسجيلة: { $record }
change-new = { $field }: { $after }
change-none = { $field }: من «{ $before }» إلى لا شيء{ $removed }
change-from-to = { $field }: من «{ $before }» إلى «{ $after }»{ $added }{ $removed }
change-added = (أُضيف: { $items })
change-removed = (أُزيل: { $items })
change-overtaken = فات أوانه: سبقه تغيير آخر، ولا يمكن أن يصير نافذًا

kind-policy = السياسة
kind-invitation = دعوة
kind-member = عضو
kind-group = مجموعة
kind-key = مفاتيح عقدة
kind-notice = إشعار

field-node = العقدة
field-epoch = الحقبة
field-valid-until = صالحة حتى
field-member = العضو
field-class = الفئة
field-name = الاسم
field-status = الحالة
field-group = المجموعة
field-history = ما سبق الانضمام
field-members = الأعضاء
field-number = الرقم
field-operators = المشغّلون
field-operators-required = عدد المشغّلين المطلوب
field-key = مفتاح
field-witnesses = الشهود
field-log-key = مفتاح السجل
field-rules = القواعد

contradiction-frozen = وقّع { $writer } تسجيلتين للموضع { $seq } من الحقبة { $epoch } (البيّنة: القيد { $evidence })، وتسجيلاته مرفوضة
contradiction-past = وقّع { $writer } تسجيلتين للموضع { $seq } من الحقبة { $epoch } (البيّنة: القيد { $evidence })
begun-log = بدأ السجل { $log } عند { $index } بتاريخ { $at } ({ $because })

# مدى ما يشهد به الشهود على السجل
standing-accepted = مقبول
standing-witnessed = مشهود عليه
standing-stable = مثبَّت
standing-nobody = لا شهود في السياسة: فلا شيء مشهود عليه ولا مثبَّت
standing-sizes = الدول الشاهدة: { $states }، والنصاب: { $quorum }؛ من أصل { PLURAL($accepted) ->
        [zero] { $accepted } قيد
        [one] قيد واحد
        [two] قيدين
        [few] { $accepted } قيود
        [many] { $accepted } قيدًا
       *[other] { $accepted } قيد
    } مشهود عليه { $witnessed } ومثبَّت { $stable }
standing-vote = { $state }: وقّعت شاهدةً على الحجم { $size } { $age }
standing-silent = { $state } صامتة: وقّعت على الحجم { $size } { $age }
standing-never = { $state } صامتة: لم توقّع شاهدةً قط
