"""An editor's change → a new document, and the rules that follow from it."""

from digest.assemble.editing.change import Change, NewNote, Stock
from digest.assemble.editing.remembering import rules_of
from digest.assemble.editing.revising import Revised, edited, reopened, revised
from digest.assemble.editing.undoing import undoable, undone
from digest.assemble.editing.words import introduction, line

__all__ = [
    "Change",
    "NewNote",
    "Revised",
    "Stock",
    "edited",
    "introduction",
    "line",
    "reopened",
    "revised",
    "rules_of",
    "undoable",
    "undone",
]
