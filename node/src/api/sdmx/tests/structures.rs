//! Structures, and that they resolve one another.

use super::*;

#[tokio::test]
async fn structures_resolve_one_another() {
    let world = World::new().await;
    let all = world.json("structure").await;
    let data = &all["data"];
    let count = |key: &str| data[key].as_array().map_or(0, Vec::len);
    assert_eq!(
        [
            count("agencySchemes"),
            count("codelists"),
            count("conceptSchemes"),
            count("dataStructures"),
            count("dataflows")
        ],
        [1, 10, 1, 1, 2]
    );
    let flow = world.json("structure/dataflow/x-escwa/egdi/1.0.0?references=descendants").await;
    assert_eq!(
        flow["data"]["dataflows"][0]["structure"],
        "urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=MULTAQA:FIGURES(1.0.0)"
    );
    assert_eq!(flow["data"]["dataflows"][0]["names"]["ar"], "Name of EGDI ع");
    let codes = |list: &str| {
        let list = data["codelists"].as_array().unwrap().iter().find(|found| found["id"] == list).unwrap();
        list["codes"].as_array().unwrap().iter().map(|code| code["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(codes("CL_INDICATOR"), ["EGDI", "IT$2ENET$2BUSER"]);
    assert!(codes("CL_REF_AREA").contains(&"PS".to_owned()), "an area of figures that is no member");
    assert!(codes("CL_PROVIDER").contains(&"x-escwa".to_owned()));
    // Every code of every figure is in its list.
    for row in world.rows("data").await {
        let cells: Vec<&str> = row.split(',').collect();
        for (place, list) in [
            (3, "CL_FREQ"),
            (4, "CL_INDICATOR"),
            (5, "CL_REF_AREA"),
            (6, "CL_SEX"),
            (10, "CL_PROVIDER"),
            (13, "CL_OBS_STATUS"),
            (14, "CL_UNIT_MEASURE"),
        ] {
            assert!(codes(list).contains(&cells[place].to_owned()), "{list} {row}");
        }
    }
}

#[tokio::test]
async fn details_and_items_narrow_structures() {
    let world = World::new().await;
    let stub = world.json("structure/dataflow?detail=allstubs").await["data"]["dataflows"][0].clone();
    assert_eq!((stub.get("structure"), stub.get("description"), &stub["id"]), (None, None, &json!("egdi")));
    let complete = world.json("structure/dataflow?detail=allcompletestubs").await["data"]["dataflows"][0].clone();
    assert_eq!((complete.get("structure"), &complete["description"]), (None, &json!("What it is")));
    let items = world.json("structure/codelist/MULTAQA/CL_SEX/1.0.0/F,M").await["data"]["codelists"][0].clone();
    assert_eq!((items["codes"].as_array().unwrap().len(), &items["isPartial"]), (2, &json!(true)));
    let stubs = world.json("structure/dataflow/x-escwa/egdi?references=children&detail=referencestubs").await;
    assert!(stubs["data"]["dataflows"][0].get("structure").is_some());
    assert!(stubs["data"]["dataStructures"][0].get("dataStructureComponents").is_none());
    for nothing in [
        "structure/codelist/MULTAQA/CL_SEX/1.0.0/X",
        "structure/dataflow/x-escwa/none",
        "structure/categoryscheme",
        "structure/codelist/SDMX",
    ] {
        assert_eq!(world.refused(nothing).await, "SDMX_NOTHING_FOUND", "{nothing}");
    }
}

impl World {
    /// Publishes a code list of the federation.
    async fn list(&mut self, slug: &str, codes: &[(&str, &str)], replaces: &[RecordId]) -> RecordId {
        let code = |(code, broader): &(&str, &str)| codelist::Code {
            code: (*code).to_owned(),
            label: texts(&format!("Label of {code}")),
            definition: texts("Meaning"),
            broader: (*broader).to_owned(),
            order: 0,
        };
        let payload = Codelist {
            title: texts(&format!("List of {slug}")),
            version: "2024".to_owned(),
            codes: codes.iter().map(code).collect(),
            ..Default::default()
        };
        let id = format!("x-escwa:codelist:{slug}");
        let own = self.node.log.publish(&id, &["public"], replaces, payload.encode_to_vec());
        self.node.follow().await;
        own.record_id
    }
}

#[tokio::test]
async fn code_lists_of_the_federation_have_a_version_for_each_revision() {
    let mut world = World::new().await;
    let first = world.list("9.topics", &[("GF01", ""), ("GF01.1", "GF01")], &[]).await;
    let list = world.json("structure/codelist/x-escwa/*/+").await["data"]["codelists"][0].take();
    assert_eq!(
        (&list["id"], &list["version"], &list["names"]["en"]),
        (&json!("_9_topics"), &json!("1.0.0"), &json!("List of 9.topics"))
    );
    assert_eq!(list["links"][0]["urn"], "urn:sdmx:org.sdmx.infomodel.codelist.Codelist=x-escwa:_9_topics(1.0.0)");
    let code = &list["codes"][1];
    assert_eq!(
        (&code["id"], &code["parent"], &code["names"]["ar"]),
        (&json!("GF01$2E1"), &json!("GF01"), &json!("Label of GF01.1 ع"))
    );
    assert_eq!((&code["descriptions"]["en"], &list["annotations"][1]["value"]), (&json!("Meaning"), &json!("2024")));
    world.list("9.topics", &[("GF02", "")], &[first]).await;
    assert_eq!(world.refused("structure/codelist/x-escwa/_9_topics/1.0.0").await, "SDMX_NOTHING_FOUND");
    let list = world.json("structure/codelist/x-escwa/_9_topics/1+.0.0/GF02").await["data"]["codelists"][0].take();
    assert_eq!((&list["version"], &list["isPartial"]), (&json!("2.0.0"), &json!(false)));
}

#[tokio::test]
async fn a_list_of_the_federation_extends_the_list_of_its_component() {
    let mut world = World::new().await;
    world.list("ref-area", &[("ARB", ""), ("PS", "ARB")], &[]).await;
    let find = |message: &Value, id: &str| {
        let lists = message["data"]["codelists"].as_array().unwrap().clone();
        lists.into_iter().find(|list| list["id"] == id)
    };
    let named = |list: &Value, id: &str| {
        let codes = list["codes"].as_array().unwrap().clone();
        codes.into_iter().find(|code| code["id"] == id)
    };
    let flow = "structure/dataflow/x-escwa/egdi";
    for references in ["children&detail=raw", "descendants", "descendants&detail=raw", "all"] {
        let message = world.json(&format!("structure/datastructure/MULTAQA/FIGURES?references={references}")).await;
        let list = find(&message, "CL_REF_AREA").unwrap();
        let raw = references.ends_with("raw");
        assert_eq!(list.get("codelistExtensions").is_some(), raw, "{references}");
        assert_eq!(named(&list, "ARB").is_none(), raw, "{references}");
        assert_eq!(find(&message, "ref-area").is_some(), references == "descendants&detail=raw", "{references}");
        assert!(named(&list, "SA").is_some());
        // Every enumeration resolves within the message, and every extension where it is raw.
        let urns: Vec<&str> = message["data"]["codelists"]
            .as_array()
            .unwrap()
            .iter()
            .map(|l| l["links"][0]["urn"].as_str().unwrap())
            .collect();
        let dimensions = message["data"]["dataStructures"][0]["dataStructureComponents"]["dimensionList"]["dimensions"]
            .as_array()
            .unwrap();
        for dimension in dimensions {
            assert!(urns.contains(&dimension["localRepresentation"]["enumeration"].as_str().unwrap()), "{dimension}");
        }
    }
    let whole = find(&world.json(&format!("{flow}?references=descendants")).await, "CL_REF_AREA").unwrap();
    assert_eq!(named(&whole, "PS").unwrap()["parent"], "ARB");
    assert_eq!(named(&whole, "PS").unwrap()["names"]["en"], "Label of PS");
    let rows = world.ask("data/dataflow/x-escwa/egdi/*/A.EGDI.PS", &format!("{CSV};labels=both")).await.unwrap();
    assert!(rows.contains("PS: Label of PS"), "{rows}");
    // Of lists that are given for what figures there are, wider codes stand with theirs.
    let found = world.json("availability/dataflow/x-escwa/egdi/*/A.EGDI.PS?references=codelist").await;
    let codes = find(&found, "CL_REF_AREA").unwrap();
    assert!(named(&codes, "ARB").is_some() && named(&codes, "PS").is_some() && codes["isPartial"] == true, "{codes}");
}

#[tokio::test]
async fn a_partial_reference_holds_the_agencies_of_what_is_given() {
    let world = World::new().await;
    let path = "structure/dataflow/x-escwa/egdi?references=all&detail=referencepartial";
    let scheme = world.json(path).await["data"]["agencySchemes"][0].take();
    let ids: Vec<&str> =
        scheme["agencies"].as_array().unwrap().iter().map(|agency| agency["id"].as_str().unwrap()).collect();
    assert_eq!(
        (ids, &scheme["isPartial"], &scheme["version"]),
        (vec!["MULTAQA", "x-escwa"], &json!(true), &json!("1.0"))
    );
}

#[tokio::test]
async fn a_schema_holds_what_the_figures_of_a_dataflow_are_made_of() {
    let world = World::new().await;
    let message = world.json("schema/dataflow/x-escwa/egdi/1.0.0").await;
    let data = &message["data"];
    assert_eq!((data.get("dataflows"), data["dataStructures"][0]["id"].as_str()), (None, Some("FIGURES")));
    let lists = data["codelists"].as_array().unwrap();
    let indicators = lists.iter().find(|list| list["id"] == "CL_INDICATOR").unwrap();
    assert_eq!((indicators["codes"].as_array().unwrap().len(), &indicators["isPartial"]), (1, &json!(true)));
    assert_eq!(
        message["meta"]["links"][0]["urn"],
        "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=x-escwa:egdi(1.0.0)"
    );
    let whole = world.json("schema/datastructure/MULTAQA/FIGURES/+").await;
    assert_eq!(whole["data"]["codelists"].as_array().unwrap().len(), 10);
    for nothing in
        ["schema/dataflow/x-escwa/none", "schema/provisionagreement/x-escwa/egdi", "schema/dataflow/x-escwa/egdi/2.0.0"]
    {
        assert_eq!(world.refused(nothing).await, "SDMX_NOTHING_FOUND", "{nothing}");
    }
}
