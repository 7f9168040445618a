"""What is done about merchants: one applies, and head office asks, decides, suspends and lets back in."""

from datetime import timedelta
from typing import Any

from souk.domains.merchants import events
from souk.domains.merchants.model.application import (
    LARGEST_DOCUMENT,
    PDF,
    Application,
    DocumentDraft,
    NoDocumentSent,
    is_pdf,
)
from souk.domains.merchants.model.merchant import Decision, Document, Merchant, document_key
from souk.domains.merchants.store import merchants as store
from souk.gateways import files
from souk.kernel import clock, ids
from souk.kernel.caller import Caller
from souk.kernel.edits import edited
from souk.kernel.owner import merchant_id_of
from souk.kernel.uploads import SIGNATURE_LENGTH, NotUploaded, PictureView, UploadUrl, need_size, upload_key
from souk.table import conditions, keys, limits
from souk.table.again import again
from souk.table.limits import Limit
from souk.table.unit import ChangedMeanwhile, Unit

UPLOADS_OF_APPLICANT = Limit("documents_of_applicant", most=50, window=timedelta(days=1))


def begin_upload(draft: DocumentDraft, by: Caller) -> UploadUrl:
    draft.need_acceptable()
    limits.count((UPLOADS_OF_APPLICANT, by.id))
    upload_id = ids.new("upl")
    invited = files.invitation(upload_key(by.id, upload_id), draft.content_type, draft.bytes)
    return UploadUrl(upload_id=upload_id, **dict(invited))


def apply(application: Application, by: Caller) -> Merchant:
    """To sell here; also the answer to what was asked, and another try after a rejection. Said twice, it is once.

    Head office decides upon what it has read: what is corrected meanwhile makes it another version.
    """
    merchant_id = merchant_id_of(by.id)

    def once() -> Merchant:
        found = store.find(merchant_id)
        said = {**dict(application), "documents": _laid(merchant_id, application.documents, found, by)}
        if found and found.status == "applied":
            return found if found.says(said) else _save(found.but(**said))
        now = clock.now()
        if found:
            merchant = found.moved("applied", now, by.id).but(**said)
        else:
            merchant = Merchant.applying(merchant_id, by.id, said, now)
        with Unit() as unit:
            unit.tell(events.MerchantApplied(**_about(merchant)))
            return unit.save(keys.MERCHANT, merchant, otherwise=ChangedMeanwhile())

    return again(once)


def decide(merchant_id: str, decision: Decision, by: Caller) -> Merchant:
    """Refused where the merchant has changed since it was read; said twice, it is decided once. Head office only."""
    by.need_store(None)

    def once() -> Merchant:
        found = store.get(merchant_id)
        if found.decided_before(decision, by):
            return found
        seen = edited(found, decision.version)
        merchant = seen.moved(decision.status, clock.now(), by.id, decision.reason)
        with Unit() as unit:
            unit.because(decision.reason)
            told = {"was": found.status, "status": merchant.status, "reason": decision.reason}
            unit.tell(events.MerchantDecided(**_about(merchant), **told))
            return unit.save(keys.MERCHANT, merchant)

    return again(once)


def need_unchanged(unit: Unit, merchant: Merchant) -> None:
    """What is decided by how it stood when it was read is done only while it stands so still."""
    version = conditions.version(merchant.version)
    unit.check(keys.MERCHANT, version, otherwise=ChangedMeanwhile(), merchant_id=merchant.merchant_id)


def tell_more_goods(merchant_id: str) -> None:
    with Unit() as unit:
        unit.tell(events.MerchantGoodsLeft(merchant_id=merchant_id))


def shown(merchant: Merchant, document_id: str) -> PictureView:
    document = merchant.document(document_id)
    return files.picture_view(document_key(merchant.merchant_id, document.document_id), document.document_id)


def _laid(merchant_id: str, upload_ids: list[str], found: Merchant | None, by: Caller) -> tuple[Document, ...]:
    """Before the application tells of them, each where it is shown from; what was laid there before stays."""
    known = {one.document_id: one for one in found.documents} if found else {}
    return tuple(known.get(one) or _lay(merchant_id, one, by) for one in dict.fromkeys(upload_ids))


def _lay(merchant_id: str, upload_id: str, by: Caller) -> Document:
    """Judged by its bytes: a picture is rewritten as any other, a PDF is kept as it came."""
    sent_up, kept = upload_key(by.id, upload_id), document_key(merchant_id, upload_id)
    stored = files.look(sent_up)
    if stored is None:
        raise NoDocumentSent(upload_id=upload_id)
    if not stored.bytes:
        raise NotUploaded()
    need_size("A document", stored.bytes, LARGEST_DOCUMENT)
    if is_pdf(files.beginning(sent_up, stored.etag, SIGNATURE_LENGTH)):
        files.copy(sent_up, stored.etag, kept)
        return Document(document_id=upload_id, content_type=PDF, bytes=stored.bytes)
    content, kind = files.sent_picture(sent_up, stored)
    files.put(kept, content, kind)
    return Document(document_id=upload_id, content_type=kind, bytes=len(content))


def _save(merchant: Merchant) -> Merchant:
    with Unit() as unit:
        return unit.save(keys.MERCHANT, merchant)


def _about(merchant: Merchant) -> dict[str, Any]:
    said = {name: getattr(merchant, name) for name in ("merchant_id", "member_id", "step")}
    return {**said, "merchant_name": merchant.name}
