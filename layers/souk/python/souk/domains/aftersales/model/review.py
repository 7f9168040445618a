"""What staff and the buyer say to each other: before a case is decided, and how content the buyer is afterwards."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from souk.domains.aftersales.model.photos import Uploads
from souk.domains.aftersales.model.wish import Remark
from souk.kernel.errors import Conflict
from souk.kernel.shapes import Input, Mark, Noun

Stars = Annotated[int, Field(strict=True, ge=1, le=5)]


MOST_QUESTIONS = 20  # a case is one item, and what was said stays in it for ever


class AskedTooMuch(Conflict):
    title = f"A buyer is asked at most {MOST_QUESTIONS} times about a case"


class Said(Input):
    """A question of the staff, or why a request is rejected."""

    text: Remark


class Answer(Said):
    """What the buyer answers; `images` are uploads of theirs."""

    images: Uploads = []


class RatingDraft(Input):
    """How content a buyer is with how a case was dealt with: five stars at best."""

    stars: Stars
    text: Remark | None = None


class Rating(Noun):
    stars: Stars
    text: Annotated[str | None, Mark.WITHHELD] = None
    at: datetime

    def says(self, draft: RatingDraft) -> bool:
        return (self.stars, self.text) == (draft.stars, draft.text)
