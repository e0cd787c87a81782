"""Holds an OpenAPI document against the specification and its examples against its own schemas, and says as JSON what does not fit.

openapi.py FILE
"""

import json
import sys

from openapi_schema_validator import OAS30Validator, OAS31Validator
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

with open(sys.argv[1], encoding="utf-8") as file:
    document = json.load(file)
new = document["openapi"].startswith("3.1")
specification = OpenAPIV31SpecValidator if new else OpenAPIV30SpecValidator
schemas = OAS31Validator if new else OAS30Validator
faults = [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in specification(document).iter_errors()]
examples = 0


def resolved(value):
    while isinstance(value, dict) and "$ref" in value:
        target = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        value = target
    return value


def held(where, schema, example):
    global examples
    examples += 1
    rooted = {**document, **(schema if new else {"allOf": [schema]})}
    validator = schemas(rooted)
    faults.extend(f"{where}: {error.message}" for error in validator.iter_errors(example))


def of_media(where, media):
    if "example" in media:
        held(where, media["schema"], media["example"])
    for name, example in media.get("examples", {}).items():
        held(f"{where} {name}", media["schema"], resolved(example)["value"])


for path, item in document["paths"].items():
    for method, operation in item.items():
        where = f"{method} {path}"
        for parameter in map(resolved, operation["parameters"]):
            if "example" in parameter:
                held(f"{where} {parameter['name']}", parameter["schema"], parameter["example"])
        for name, media in operation.get("requestBody", {}).get("content", {}).items():
            of_media(f"{where} {name}", media)
        for status, response in operation["responses"].items():
            for name, media in response.get("content", {}).items():
                of_media(f"{where} {status} {name}", media)
for name, schema in document["components"]["schemas"].items():
    for field, property in schema.get("properties", {}).items():
        for example in property.get("examples", []) if new else [property["example"]] if "example" in property else []:
            held(f"{name}.{field}", property, example)

json.dump({"faults": faults, "examples": examples}, sys.stdout)
