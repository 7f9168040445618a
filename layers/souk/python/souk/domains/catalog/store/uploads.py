"""Announced pictures and films, as they are asked for."""

from souk.domains.catalog.model.media import Upload
from souk.table import ask, keys


def upload(upload_id: str) -> Upload | None:
    return ask.find(keys.UPLOAD, Upload, upload_id=upload_id)
