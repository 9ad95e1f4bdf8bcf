"""XML of others, with no document type, so that no entity can expand or reach out."""

from __future__ import annotations

from xml.etree import ElementTree as ET


def parse_xml(text: str) -> ET.Element:
    """The root element of `text`.

    Raises:
        ValueError: it is not well-formed, or declares a document type or an entity.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("declares a document type, which is not read")
    try:
        return ET.fromstring(text)  # noqa: S314 - no document type, no entities
    except (ET.ParseError, ValueError) as error:
        raise ValueError("not well-formed XML") from error


def local(node: ET.Element) -> str:
    """The tag of `node` without its namespace."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def child(node: ET.Element, name: str) -> str:
    """The text of the first child called `name`, '' when there is none."""
    return next(((item.text or "").strip() for item in node if local(item) == name), "")
