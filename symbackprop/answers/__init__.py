"""Answers: the formulas and the code in a file of any kind, each with its place."""

from .headings import names_part as names_part
from .passage import Answer as Answer
from .passage import Passage as Passage
from .python import is_code as is_code
from .read import answer_of_text as answer_of_text
from .read import read_answer as read_answer
