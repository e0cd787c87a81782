//! What people read over a table or a feed: headings, the names of kinds and languages, in Arabic, English and French.
//!
//! The words are those of the glossary. A test holds the table against the schema, so a field without its words does not pass.

use multaqa_proto::kind::Kind;
use multaqa_proto::text::Lang;

use super::table::Column;

/// One text in the languages of the network: ar, en, fr.
type Words = [&'static str; 3];

/// Between the parts of a heading: points from the outer to the inner in either direction of writing.
const WITHIN: &str = " · ";

/// Kinds, as the heading of their lists.
const KINDS: [(&str, Words); 5] = [
    ("service", ["الخدمات المشتركة", "Shared services", "Services partagés"]),
    ("organisation", ["الجهات", "Organisations", "Organismes"]),
    ("codelist", ["قوائم الرموز", "Code lists", "Listes de codes"]),
    ("indicator", ["المؤشرات", "Indicators", "Indicateurs"]),
    ("dataset", ["مجموعات البيانات", "Datasets", "Jeux de données"]),
];
/// A list of all kinds.
const ALL_KINDS: Words = ["التسجيلات", "Records", "Fiches"];
/// Languages.
const LANGUAGES: [Words; 3] =
    [["العربية", "Arabic", "arabe"], ["الإنجليزية", "English", "anglais"], ["الفرنسية", "French", "français"]];

/// Fields; one that means something else in one place stands as `outer.field` before it stands alone.
const FIELDS: &[(&str, Words)] = &[
    // What every object has.
    ("id", ["المعرّف", "Id", "Identifiant"]),
    ("kind", ["نوع التسجيلة", "Kind", "Type de fiche"]),
    ("member", ["العضو", "Member", "Membre"]),
    ("revision", ["التنقيح", "Revision", "Révision"]),
    ("standing", ["درجة التثبيت", "Standing", "Degré de consolidation"]),
    ("audience", ["نطاق الاطلاع", "Audience", "Destinataires"]),
    ("authored_at", ["تاريخ التحرير", "Authored", "Rédigée le"]),
    ("accepted_at", ["تاريخ القبول", "Accepted", "Acceptée le"]),
    ("withdrawn", ["مسحوبة", "Withdrawn", "Retirée"]),
    // Of several kinds.
    ("title", ["العنوان", "Title", "Titre"]),
    ("name", ["الاسم", "Name", "Nom"]),
    ("description", ["الوصف", "Description", "Description"]),
    ("definition", ["التعريف", "Definition", "Définition"]),
    ("label", ["التسمية", "Label", "Libellé"]),
    ("code", ["الرمز", "Code", "Code"]),
    ("codes", ["الرموز", "Codes", "Codes"]),
    ("version", ["الإصدار", "Version", "Version"]),
    ("unit", ["وحدة القياس", "Unit", "Unité"]),
    ("source", ["المصدر", "Source", "Source"]),
    ("source_url", ["رابط المصدر", "Source link", "Lien de la source"]),
    ("licence", ["الترخيص", "Licence", "Licence"]),
    ("url", ["الرابط", "Link", "Lien"]),
    ("indicator", ["المؤشر", "Indicator", "Indicateur"]),
    ("time_period", ["الفترة", "Period", "Période"]),
    // organisation
    ("short_name", ["الاسم المختصر", "Short name", "Nom abrégé"]),
    ("type", ["النوع", "Type", "Type"]),
    ("parent", ["الجهة الأم", "Parent organisation", "Organisme de rattachement"]),
    ("predecessors", ["الجهات السابقة", "Predecessors", "Prédécesseurs"]),
    ("successors", ["الجهات اللاحقة", "Successors", "Successeurs"]),
    ("homepage", ["الموقع الإلكتروني", "Website", "Site web"]),
    // codelist
    ("broader", ["الرمز الأعم", "Broader code", "Code plus large"]),
    ("order", ["الترتيب", "Order", "Ordre"]),
    // indicator
    ("minimum", ["أدنى قيمة ممكنة", "Smallest possible value", "Plus petite valeur possible"]),
    ("maximum", ["أعلى قيمة ممكنة", "Largest possible value", "Plus grande valeur possible"]),
    ("direction", ["الاتجاه الأفضل", "Direction", "Sens"]),
    ("periodicity", ["الدورية", "Periodicity", "Périodicité"]),
    ("method", ["المنهجية", "Method", "Méthode"]),
    ("components", ["المكوّنات", "Components", "Composantes"]),
    ("weight", ["الوزن", "Weight", "Poids"]),
    ("breaks", ["انقطاعات السلسلة", "Breaks in series", "Ruptures de série"]),
    // dataset
    ("provenance", ["كيفية الحصول على القيم", "Provenance", "Provenance"]),
    ("observations", ["القيم المرصودة", "Observations", "Observations"]),
    ("ref_area", ["المنطقة", "Area", "Zone"]),
    ("value", ["القيمة", "Value", "Valeur"]),
    ("obs_status", ["حالة القيمة", "Status of the value", "Statut de la valeur"]),
    ("sex", ["الجنس", "Sex", "Sexe"]),
    ("age", ["العمر", "Age", "Âge"]),
    ("disability", ["الإعاقة", "Disability", "Handicap"]),
    ("place", ["المكان", "Place", "Lieu"]),
    // service
    ("provider", ["الجهة المقدِّمة", "Provider", "Organisme prestataire"]),
    ("service_type", ["نوع الخدمة", "Type of service", "Type de service"]),
    ("sectors", ["القطاعات", "Sectors", "Secteurs"]),
    ("life_events", ["أحداث الحياة", "Life events", "Événements de vie"]),
    ("keywords", ["الكلمات المفتاحية", "Keywords", "Mots-clés"]),
    ("keywords.label", ["الكلمة", "Word", "Mot"]),
    ("target_groups", ["الفئات المستهدفة", "Target groups", "Publics cibles"]),
    ("channels", ["قنوات التقديم", "Channels", "Canaux"]),
    ("accessibility", ["إتاحة الوصول", "Accessibility", "Accessibilité"]),
    ("languages", ["اللغات", "Languages", "Langues"]),
    ("status", ["الحالة", "Status", "État"]),
    ("status_since", ["الحالة منذ", "Status since", "État depuis"]),
    ("maturity", ["مستوى النضج", "Maturity", "Maturité"]),
    ("sdg_targets", ["غايات التنمية المستدامة", "SDG targets", "Cibles des ODD"]),
    ("reuse", ["إعادة الاستخدام", "Reuse", "Réutilisation"]),
    ("offer", ["المتاح", "Offer", "Offre"]),
    ("repository", ["مستودع الشيفرة", "Repository", "Dépôt de code"]),
    ("inputs", ["المتطلبات", "Inputs", "Pièces à fournir"]),
    ("outputs", ["المخرجات", "Outputs", "Résultats"]),
    ("costs", ["الرسوم", "Costs", "Coûts"]),
    ("amount", ["المبلغ", "Amount", "Montant"]),
    ("currency", ["العملة", "Currency", "Monnaie"]),
    ("processing_time", ["مدة الإنجاز", "Processing time", "Délai de traitement"]),
    ("satisfaction", ["نسبة رضا المستخدمين (%)", "Satisfied users (%)", "Usagers satisfaits (%)"]),
    ("legal_basis", ["الأساس القانوني", "Legal basis", "Base juridique"]),
    ("contact", ["جهة الاتصال", "Contact", "Contact"]),
    ("email", ["البريد الإلكتروني", "Email", "Courriel"]),
    ("telephone", ["الهاتف", "Telephone", "Téléphone"]),
    ("endpoint", ["واجهة الاستدعاء", "Endpoint", "Point d'appel"]),
    ("protocol", ["البروتوكول", "Protocol", "Protocole"]),
    ("description_hash", ["بصمة وثيقة الوصف", "Hash of the description", "Empreinte de la description"]),
    ("operations", ["العمليات", "Operations", "Opérations"]),
    ("media_types", ["أنواع الوسائط", "Media types", "Types de médias"]),
    ("environment", ["البيئة", "Environment", "Environnement"]),
    ("access", ["الاستخدام", "Access", "Accès"]),
    ("level", ["المستوى", "Level", "Niveau"]),
    ("policy", ["الشروط", "Policy", "Conditions"]),
    ("service_level", ["مستوى الخدمة", "Service level", "Niveau de service"]),
    ("assurance_level", ["مستوى ضمان الهوية", "Assurance level", "Niveau de garantie"]),
    ("related", ["تسجيلات ذات صلة", "Related", "Fiches liées"]),
];

/// The heading of a column; a field that nobody put into words stands as the schema has it.
pub(super) fn heading(column: &Column, kind: Option<&'static Kind>, lang: Lang) -> String {
    let outer = std::iter::once(kind.map_or("", |kind| kind.name)).chain(column.path.iter().map(String::as_str));
    let parts = outer.zip(&column.path).map(|(outer, field)| of_field(outer, field, lang).unwrap_or(field));
    let heading = parts.collect::<Vec<_>>().join(WITHIN);
    match column.lang {
        Some(of) => format!("{heading} ({})", LANGUAGES[place(of)][place(lang)]),
        None => heading,
    }
}

fn of_field(outer: &str, field: &str, lang: Lang) -> Option<&'static str> {
    let within = format!("{outer}.{field}");
    let found =
        FIELDS.iter().find(|(name, _)| *name == within).or_else(|| FIELDS.iter().find(|(name, _)| *name == field));
    found.map(|(_, words)| words[place(lang)])
}

/// The name of a sheet.
pub(super) fn sheet(kind: Option<&'static Kind>, lang: Lang) -> &'static str {
    let words = kind.and_then(|kind| KINDS.iter().find(|(name, _)| *name == kind.name)).map_or(ALL_KINDS, |(_, w)| *w);
    words[place(lang)]
}

/// The title of a feed or a catalogue.
pub(super) fn feed(kind: Option<&'static Kind>, federation: &str, lang: Lang) -> String {
    format!("{} – {federation}", sheet(kind, lang))
}

fn place(lang: Lang) -> usize {
    match lang {
        Lang::Ar => 0,
        Lang::En => 1,
        Lang::Fr => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Texts;
    use super::super::table;
    use super::super::tests::listing;
    use super::*;
    use crate::clients::names_of_kinds;

    #[test]
    fn every_column_of_every_kind_has_its_words() {
        for name in names_of_kinds() {
            assert!(KINDS.iter().any(|(kind, _)| *kind == name), "{name}");
            for column in table::columns(&listing(Some(name), Texts::Each)) {
                for field in &column.path {
                    assert!(of_field("", field, Lang::Ar).is_some(), "{name}: {field}");
                }
            }
        }
    }

    #[test]
    fn a_heading_says_where_and_in_which_language() {
        let kind = Kind::find("service");
        let column = |path: &[&str], lang| Column::of(path, lang);
        assert_eq!(heading(&column(&["title"], Some(Lang::Fr)), kind, Lang::Ar), "العنوان (الفرنسية)");
        assert_eq!(heading(&column(&["channels", "url"], None), kind, Lang::En), "Channels · Link");
        assert_eq!(heading(&column(&["keywords", "label"], None), kind, Lang::Fr), "Mots-clés · Mot");
        assert_eq!(heading(&column(&["unheard_of"], None), None, Lang::En), "unheard_of");
    }

    #[test]
    fn no_field_stands_twice_and_every_text_is_there() {
        let mut names: Vec<_> = FIELDS.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
        assert!(FIELDS.iter().all(|(_, words)| words.iter().all(|word| !word.is_empty())));
    }
}
