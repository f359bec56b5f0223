"""Finds which device recorded a FIT file, in its file_id, device_info and file_creator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

from ingest.transform.parsers.fit_profile import profile_word
from ingest.transform.parsers.fit_stream import Stream
from ingest.transform.parsers.fit_values import FewMessages
from ingest.transform.records import Device

T = TypeVar("T")

#: Index of the device_info messages of the device itself; the others describe its sensors.
_CREATOR: Final = 0
#: Manufacturer -> the profile's type that holds the names of its products.
_PRODUCTS: Final = {
    **dict.fromkeys(("garmin", "dynastream", "dynastream_oem"), "garmin_product"),
    "favero_electronics": "favero_product",
}


def read_device(stream: Stream) -> Device:
    """The device that recorded the file; fields are ``None`` where the file does not say."""
    ids, infos = FewMessages(stream, "file_id"), FewMessages(stream, "device_info")
    own = [i for i, index in enumerate(infos.values("device_index")) if index == _CREATOR]
    manufacturer = _first(ids.words("manufacturer")) or _first(
        _at(infos.words("manufacturer"), own)
    )
    number = _first(ids.values("product")) or _first(_at(infos.values("product"), own))
    label = _first(ids.texts("product_name")) or _first(_at(infos.texts("product_name"), own))
    product = label or _product(manufacturer, number)
    serial = _first(ids.values("serial_number")) or _first(_at(infos.values("serial_number"), own))
    version = _first(_at(infos.values("software_version"), own))
    return Device(
        name=_name(manufacturer, product),
        manufacturer=manufacturer,
        product=product,
        serial_number=None if serial is None else str(int(serial)),
        software_version=_creator_version(stream) if version is None else f"{version:.2f}",
    )


def _creator_version(stream: Stream) -> str | None:
    version = _first(FewMessages(stream, "file_creator").values("software_version"))
    return None if version is None else f"{version / 100:.2f}"


def _product(manufacturer: str | None, number: float | None) -> str | None:
    if number is None:
        return None
    kind = None if manufacturer is None else _PRODUCTS.get(manufacturer)
    return str(int(number)) if kind is None else profile_word(kind, int(number))


def _name(manufacturer: str | None, product: str | None) -> str | None:
    """A name like ``Garmin fenix5``; without the maker if the profile has no name for it."""
    maker = (
        None
        if manufacturer is None or manufacturer.isdigit()
        else manufacturer.replace("_", " ").title()
    )
    if maker is None or product is None:
        return maker or product
    return product if product.lower().startswith(maker.split()[0].lower()) else f"{maker} {product}"


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)


def _at(values: Sequence[T], indexes: Iterable[int]) -> Iterable[T]:
    return (values[i] for i in indexes)
