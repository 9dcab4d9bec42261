"""All tables in one import, for migrations, the schema and the tests."""

from virtue.awarding import book_models, round_models, spot_check_models
from virtue.awarding import models as awarding
from virtue.core import models as core
from virtue.dividends import models as dividends
from virtue.honours import (
    ballot_models,
    black_models,
    board_models,
    campaign_models,
    red_models,
    star_models,
    title_models,
    wall_models,
)
from virtue.kiosk import announcement_models, screen_models
from virtue.ledger import models as ledger
from virtue.notices import models as notices
from virtue.people import data_models
from virtue.people import models as people
from virtue.places import models as places
from virtue.scores import models as scores
from virtue.staff import models as staff
from virtue.store import (
    budget_models,
    close_models,
    opening_models,
    paper_models,
    parked_models,
    proof_models,
    public_models,
    reservation_models,
    stock_models,
    stocktake_models,
    wish_models,
    year_models,
)
from virtue.store import models as store

__all__ = [
    "announcement_models",
    "awarding",
    "ballot_models",
    "black_models",
    "board_models",
    "book_models",
    "budget_models",
    "campaign_models",
    "close_models",
    "core",
    "data_models",
    "dividends",
    "ledger",
    "notices",
    "opening_models",
    "paper_models",
    "parked_models",
    "people",
    "places",
    "proof_models",
    "public_models",
    "red_models",
    "reservation_models",
    "round_models",
    "scores",
    "screen_models",
    "spot_check_models",
    "staff",
    "star_models",
    "stock_models",
    "stocktake_models",
    "store",
    "title_models",
    "wall_models",
    "wish_models",
    "year_models",
]
