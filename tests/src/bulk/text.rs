//! Services with texts of the length and the variety that gateways publish: Arabic and English, no two alike.
//!
//! In scope: payloads that keep the kind's rules. Out of scope: what surrounds them (`load`).

use std::collections::HashMap;

use multaqa_proto::hash::Hash;
use multaqa_proto::wire::kind::{Service, service};
use serde_json::{Value, json};

/// Bytes of both descriptions together, so that a record with a signature of its own has about 1,024 bytes.
const PROSE: usize = 290;

const ACTS_AR: [&str; 16] = [
    "إصدار",
    "تجديد",
    "تعديل",
    "إلغاء",
    "استعلام عن",
    "دفع رسوم",
    "تصديق",
    "تتبع",
    "حجز موعد لأجل",
    "نقل ملكية",
    "تسجيل",
    "استرداد رسوم",
    "طلب نسخة من",
    "اعتراض على",
    "تحديث بيانات",
    "التحقق من",
];
const ACTS_EN: [&str; 16] = [
    "Issue",
    "Renew",
    "Amend",
    "Cancel",
    "Look up",
    "Pay the fees of",
    "Certify",
    "Track",
    "Book an appointment for",
    "Transfer",
    "Register",
    "Refund",
    "Request a copy of",
    "Appeal against",
    "Update",
    "Verify",
];
const THINGS_AR: [&str; 16] = [
    "رخصة البناء",
    "السجل التجاري",
    "شهادة الميلاد",
    "رخصة القيادة",
    "تصريح العمل",
    "جواز السفر",
    "شهادة المنشأ",
    "البطاقة الصحية",
    "عقد الإيجار",
    "البيان الجمركي",
    "الإقرار الضريبي",
    "معاش التقاعد",
    "المخطط العقاري",
    "الشهادة المدرسية",
    "ترخيص المنشأة الصناعية",
    "عداد المياه",
];
const THINGS_EN: [&str; 16] = [
    "a building permit",
    "a commercial registration",
    "a birth certificate",
    "a driving licence",
    "a work permit",
    "a passport",
    "a certificate of origin",
    "a health card",
    "a tenancy contract",
    "a customs declaration",
    "a tax return",
    "a retirement pension",
    "a cadastral plan",
    "a school certificate",
    "an industrial licence",
    "a water meter",
];
const USERS_AR: [&str; 12] = [
    "للمواطنين",
    "للمقيمين",
    "لأصحاب المنشآت الصغيرة",
    "للطلبة",
    "للمستثمرين",
    "لكبار السن",
    "للأشخاص ذوي الإعاقة",
    "للمهندسين المعتمدين",
    "للمزارعين",
    "للمصدّرين",
    "للأسر المنتجة",
    "للموظفين العموميين",
];
const USERS_EN: [&str; 12] = [
    "for citizens",
    "for residents",
    "for owners of small firms",
    "for students",
    "for investors",
    "for older persons",
    "for persons with disabilities",
    "for chartered engineers",
    "for farmers",
    "for exporters",
    "for home producers",
    "for public servants",
];
const PLACES_AR: [&str; 12] = [
    "في جميع المحافظات",
    "في مراكز الخدمة الموحدة",
    "عبر تطبيق الهاتف",
    "من خلال البوابة الوطنية",
    "في البلديات",
    "لدى غرف التجارة",
    "في المنافذ الحدودية",
    "عبر مركز الاتصال",
    "في المناطق الحرة",
    "في البعثات الدبلوماسية",
    "عبر أكشاك الخدمة الذاتية",
    "في مكاتب البريد",
];
const PLACES_EN: [&str; 12] = [
    "in every governorate",
    "at one-stop shops",
    "in the mobile application",
    "on the national portal",
    "in municipalities",
    "at chambers of commerce",
    "at border posts",
    "through the contact centre",
    "in free zones",
    "at diplomatic missions",
    "at self-service kiosks",
    "at post offices",
];
const TERMS_AR: [&str; 10] = [
    "دون مراجعة المكاتب",
    "خلال يوم عمل واحد",
    "بعد التحقق من الهوية الرقمية",
    "مع إشعار برسالة نصية",
    "بتوقيع إلكتروني",
    "وفق قانون المعاملات الإلكترونية",
    "مع إمكانية التقسيط",
    "مجاناً حتى نهاية العام",
    "بالربط مع السجل المدني",
    "بعد موافقة الجهة المختصة",
];
const TERMS_EN: [&str; 10] = [
    "without a visit to an office",
    "within one working day",
    "once the digital identity is verified",
    "with a notice by text message",
    "with an electronic signature",
    "under the law on electronic transactions",
    "payable in instalments",
    "free of charge until the end of the year",
    "linked to the civil register",
    "once the competent authority has approved",
];
const SECTORS: [&str; 8] = ["01", "03", "04.5", "05", "06", "07", "09", "10"];
const TYPES: [&str; 6] = ["information", "transaction", "data-api", "verification", "back-office", "shared-component"];
const STATUSES: [&str; 4] = ["planned", "pilot", "production", "deprecated"];

/// The service with this number.
pub(super) fn service(member: &str, number: usize) -> Service {
    let mut dice = Dice(seed(member, number));
    let (act, thing) = (dice.roll(ACTS_EN.len()), dice.roll(THINGS_EN.len()));
    let title_ar = format!("{} {} {number}", ACTS_AR[act], THINGS_AR[thing]);
    let title_en = format!("{} {} {number}", ACTS_EN[act], THINGS_EN[thing]);
    let (mut arabic, mut english) = (String::new(), String::new());
    while arabic.len() + english.len() < PROSE {
        let picks = dice.picks();
        let [act, thing, users, place, term] = picks;
        let in_arabic = [ACTS_AR[act], THINGS_AR[thing], USERS_AR[users], PLACES_AR[place], TERMS_AR[term]];
        let in_english = [ACTS_EN[act], THINGS_EN[thing], USERS_EN[users], PLACES_EN[place], TERMS_EN[term]];
        arabic.extend([&in_arabic.join(" "), ". "]);
        english.extend([&in_english.join(" "), ". "]);
    }
    Service {
        title: texts(&title_ar, &title_en),
        description: texts(arabic.trim_end(), english.trim_end()),
        provider: format!("{member}:organisation:agency-{}", dice.roll(40)),
        service_type: TYPES[dice.roll(TYPES.len())].to_owned(),
        sectors: vec![SECTORS[dice.roll(SECTORS.len())].to_owned()],
        channels: vec![service::Channel {
            r#type: "web".to_owned(),
            url: format!("https://services.example/{}/{number}", member.to_lowercase()),
            ..service::Channel::default()
        }],
        languages: vec!["ar".to_owned(), "en".to_owned()],
        status: STATUSES[dice.roll(STATUSES.len())].to_owned(),
        maturity: u32::try_from(1 + dice.roll(4)).unwrap(),
        processing_time: format!("P{}D", 1 + dice.roll(20)),
        ..Service::default()
    }
}

/// The same as a person writes it into a record file, for the kind's usual audience.
#[must_use]
pub fn file(member: &str, number: usize) -> Value {
    let service = service(member, number);
    let channels: Vec<Value> =
        service.channels.iter().map(|channel| json!({ "type": channel.r#type, "url": channel.url })).collect();
    json!({
        "id": format!("{member}:service:file-{number:07}"),
        "payload": {
            "title": service.title,
            "description": service.description,
            "provider": service.provider,
            "service_type": service.service_type,
            "sectors": service.sectors,
            "channels": channels,
            "languages": service.languages,
            "status": service.status,
            "maturity": service.maturity,
            "processing_time": service.processing_time,
        },
    })
}

fn texts(ar: &str, en: &str) -> HashMap<String, String> {
    [("ar".to_owned(), ar.to_owned()), ("en".to_owned(), en.to_owned())].into()
}

fn seed(member: &str, number: usize) -> u64 {
    let Hash(bytes) = Hash::of(format!("{member} {number}").as_bytes());
    u64::from_be_bytes(bytes[..8].try_into().unwrap())
}

/// Numbers that look random and are the same in every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }
    fn picks(&mut self) -> [usize; 5] {
        [ACTS_EN.len(), THINGS_EN.len(), USERS_EN.len(), PLACES_EN.len(), TERMS_EN.len()].map(|sides| self.roll(sides))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use multaqa_proto::kind::Kind;
    use prost::Message as _;

    use super::*;

    #[test]
    fn services_keep_the_rules_differ_and_compress_like_text() {
        let payloads: Vec<Vec<u8>> = (0..640).map(|number| service("JO", number).encode_to_vec()).collect();
        let kind = Kind::find("service").unwrap();
        assert!(payloads.iter().all(|payload| kind.check(payload).is_empty()));
        assert_eq!(payloads.iter().collect::<BTreeSet<_>>().len(), payloads.len());
        let (plain, packed) = payloads.chunks(64).fold((0, 0), |(plain, packed), block| {
            let block = block.concat();
            (plain + block.len(), packed + zstd::bulk::compress(&block, 1).unwrap().len())
        });
        let (mean, percent) = (plain / payloads.len(), packed * 100 / plain);
        assert!((600..750).contains(&mean), "{mean} bytes");
        assert!((10..40).contains(&percent), "{percent} %");
    }
}
