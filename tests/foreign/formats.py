"""Reads what the node renders with libraries that the project did not write, and says as JSON what they found.

formats.py atom FILE | csv FILE | xlsx FILE | descriptors FILE | jsonld FILE SHAPES...
"""

import csv
import io
import json
import sys


def atom(path):
    import feedparser

    feed = feedparser.parse(path)
    assert not feed.bozo, feed.bozo_exception
    assert feed.version == "atom10", feed.version
    entries = [
        {
            "id": entry.id,
            "title": entry.title,
            "lang": entry.title_detail.get("language"),
            "updated": entry.updated,
            "author": entry.author,
            "summary": entry.get("summary", ""),
            "link": next(link.href for link in entry.links if link.rel == "alternate"),
        }
        for entry in feed.entries
    ]
    links = {link.rel: link.href for link in feed.feed.links}
    return {"id": feed.feed.id, "title": feed.feed.title, "updated": feed.feed.updated, "links": links, "entries": entries}


def rows_of_csv(path):
    with open(path, "rb") as file:
        data = file.read()
    mark = data.startswith(b"\xef\xbb\xbf")
    text = data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert all(len(row) == len(rows[0]) for row in rows), [len(row) for row in rows]
    assert text.replace("\r\n", "").count("\r") == 0, "a lone carriage return"
    return {"mark": mark, "head": rows[0], "rows": rows[1:]}


def rows_of_xlsx(path):
    import openpyxl

    with open(path, "rb") as file:
        book = openpyxl.load_workbook(io.BytesIO(file.read()))
    sheet = book.active
    cells = [[cell for cell in row] for row in sheet.iter_rows()]
    return {
        "title": sheet.title,
        "right_to_left": bool(sheet.sheet_view.rightToLeft),
        "frozen": sheet.freeze_panes,
        "formulas": [cell.coordinate for row in cells for cell in row if cell.data_type == "f"],
        "widths": sorted({dimension.width for dimension in sheet.column_dimensions.values()}),
        "head": [cell.value for cell in cells[0]],
        "rows": [[cell.value for cell in row] for row in cells[1:]],
        "formats": [[cell.number_format for cell in row] for row in cells[1:]],
    }


def conforms(path, shapes):
    import pyshacl
    import rdflib

    data = rdflib.Graph().parse(path, format="json-ld")
    shacl = rdflib.Graph()
    for shape in shapes:
        shacl.parse(shape)
    sound, _, text = pyshacl.validate(data, shacl_graph=shacl, advanced=False)
    classes = {}
    for _, _, of in data.triples((None, rdflib.RDF.type, None)):
        name = of.split("#")[-1].split("/")[-1]
        classes[name] = classes.get(name, 0) + 1
    label = rdflib.namespace.SKOS.prefLabel
    unnamed = []
    for concept in data.subjects(rdflib.RDF.type, rdflib.namespace.SKOS.Concept):
        languages = {name.language for name in data.objects(concept, label)}
        if not {"ar", "en", "fr"} <= languages:
            unnamed.append(str(concept))
    return {"conforms": bool(sound), "text": text, "triples": len(data), "classes": classes, "unnamed": sorted(unnamed)}


def descriptors(path):
    from google.protobuf import descriptor_pb2

    with open(path, "rb") as file:
        found = descriptor_pb2.FileDescriptorSet.FromString(file.read())
    services = [f"{file.package}.{service.name}" for file in found.file for service in file.service]
    return {"files": [file.name for file in found.file], "services": services}


def main():
    what, path, *rest = sys.argv[1:]
    read = {"atom": atom, "csv": rows_of_csv, "xlsx": rows_of_xlsx, "descriptors": descriptors, "jsonld": lambda path: conforms(path, rest)}
    json.dump(read[what](path), sys.stdout, default=str)


main()
