//! The words around the document, in the languages of the network.

use multaqa_proto::text::Lang;

/// See the module.
pub(super) struct Words {
    /// The language's own name.
    pub(super) language: &'static str,
    pub(super) title: &'static str,
    pub(super) subtitle: &'static str,
    pub(super) overview: &'static str,
    pub(super) routes: &'static str,
    pub(super) schemas: &'static str,
    pub(super) files: &'static str,
    pub(super) parameters: &'static str,
    pub(super) body: &'static str,
    pub(super) answers: &'static str,
    pub(super) name: &'static str,
    pub(super) place: &'static str,
    pub(super) form: &'static str,
    pub(super) told: &'static str,
    pub(super) scope: &'static str,
    pub(super) example: &'static str,
    /// Of parameters: in the path, in the query, in a header.
    places: [&'static str; 3],
}

impl Words {
    /// Where a parameter stands, as the document names it.
    pub(super) fn place_of(&self, place: &str) -> &'static str {
        let [path, query, header] = self.places;
        match place {
            "path" => path,
            "query" => query,
            _ => header,
        }
    }
}

/// The words of a language.
pub(super) const fn of(lang: Lang) -> &'static Words {
    match lang {
        Lang::Ar => &ARABIC,
        Lang::En => &ENGLISH,
        Lang::Fr => &FRENCH,
    }
}

const ARABIC: Words = Words {
    language: "العربية",
    title: "ملتقى: واجهة العقدة الوطنية لأنظمة الجهات",
    subtitle: "ما تقرؤه أنظمة الجهات وتنشره عبر عقدة بلدها. تعليقات المخطط على حقوله بالإنجليزية، أما رسائل الرفض فتأتي باللغة التي تُطلب.",
    overview: "قبل البدء",
    routes: "المسارات",
    schemas: "بنية البيانات",
    files: "ملفات المخطط",
    parameters: "الوسائط",
    body: "متن الطلب",
    answers: "الأجوبة",
    name: "الاسم",
    place: "مكانه",
    form: "الصيغة",
    told: "المعنى",
    scope: "النطاق اللازم:",
    example: "مثال:",
    places: ["المسار", "الاستعلام", "الترويسة"],
};

const ENGLISH: Words = Words {
    language: "English",
    title: "Multaqa: the national node for member systems",
    subtitle: "What member systems read and publish through their own country's node. Refusals come in the language that a request asks for.",
    overview: "Before you begin",
    routes: "Routes",
    schemas: "Shapes of data",
    files: "Files of the schema",
    parameters: "Parameters",
    body: "Body of the request",
    answers: "Answers",
    name: "Name",
    place: "Place",
    form: "Form",
    told: "Meaning",
    scope: "Scope:",
    example: "Example:",
    places: ["path", "query", "header"],
};

const FRENCH: Words = Words {
    language: "Français",
    title: "Multaqa : le nœud national pour les systèmes d'organismes",
    subtitle: "Ce que les systèmes d'organismes lisent et publient par le nœud de leur pays. Les commentaires du schéma sur ses champs sont en anglais ; les refus viennent dans la langue demandée.",
    overview: "Avant de commencer",
    routes: "Chemins",
    schemas: "Structures de données",
    files: "Fichiers du schéma",
    parameters: "Paramètres",
    body: "Corps de la requête",
    answers: "Réponses",
    name: "Nom",
    place: "Emplacement",
    form: "Forme",
    told: "Sens",
    scope: "Portée :",
    example: "Exemple :",
    places: ["chemin", "requête", "en-tête"],
};
