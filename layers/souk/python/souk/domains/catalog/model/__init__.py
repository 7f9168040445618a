"""The nouns of the room; `Offer` is the one that other rooms speak of."""

from souk.domains.catalog.model.sku import Offer as Offer
