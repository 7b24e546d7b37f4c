r"""The macros that an answer defines for itself: `\newcommand`, `\def`, `\DeclareMathOperator`, `\let` and their like.

A body is a text with arguments; nothing in it is executed. A definition whose body programs (`\csname`, `\if...`,
another definition) is passed over, and its use is then an unknown command to whoever reads the formula.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from ..errors import ReadError
from .mapped import Builder
from .places import Places

MOST_MACROS: Final = 1_000
LONGEST_BODY: Final = 2_000  # characters
MOST_USES: Final = 5_000  # of one formula
MOST_WORK: Final = 200_000  # tokens of bodies and arguments in one formula
LONGEST_FORMULA: Final = 50_000  # characters of one formula after expansion
LONGEST_ANSWER: Final = 500_000  # the same of all formulas with macros

DEFINES = re.compile(
    r"\\(?:(?P<new>newcommand|renewcommand|providecommand|DeclareRobustCommand)\*?|(?P<def>g?def)(?=\s*\\)"
    r"|(?P<op>DeclareMathOperator)(?P<star>\*?)|(?P<pair>DeclarePairedDelimiter)|(?P<let>let)(?=\s*\\))(?![A-Za-z])"
)
_TOKEN = re.compile(r"\\[A-Za-z@]+|\\.|.", re.DOTALL)
_COMMAND = re.compile(r"\\([A-Za-z@]+)")
_NAME = re.compile(r"\s*(?:\{\s*\\([A-Za-z@]+)\s*\}|\\([A-Za-z@]+))")
_COUNT = re.compile(r"\s*\[\s*([0-9])\s*\]")
_DEFAULT = re.compile(r"\s*\[([^\[\]{}]{0,200})\]")
_PARAMETERS = re.compile(r"\s*((?:#[1-9])*)(?=\s*\{)")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_PROGRAMS = re.compile(
    r"\\(?:csname|expandafter|catcode|input|include|write|openin|openout|read|if[A-Za-z]*|loop|def|edef|gdef|xdef|let"
    r"|newcommand|renewcommand|providecommand|futurelet|afterassignment|everymath|the|number|@[A-Za-z@]*)(?![A-Za-z])|##"
)
_WRAPPER = re.compile(r"\\(?:ensuremath|xspace|protect)(?![A-Za-z])\s*")
_MATH_BEGIN = re.compile(r"\s*\\(?:begin\s*\{([A-Za-z]+\*?)\}|(\[))\s*")
_MATH_END = re.compile(r"\s*\\(?:end\s*\{([A-Za-z]+\*?)\}|(\]))\s*")


@dataclass(frozen=True, slots=True)
class Macro:
    """`body` with #1 to #9; `default` of an optional first argument; `final`: what it gives is not expanded again.

    `paired`: a star, or the size of a bracket, may stand before the argument.
    """

    count: int
    body: str
    default: str | None = None
    final: bool = False
    paired: bool = False


@dataclass(frozen=True, slots=True)
class Expanded:
    """`text`, an origin for each of its characters and for its end, and begin and end of each use of a macro."""

    text: str
    origin: tuple[int, ...]
    uses: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Token:
    """`at`: a position for each character; `final`: not expanded again; `of_body`: it is not in the source."""

    text: str
    at: tuple[int, ...]
    final: bool = False
    of_body: bool = False


@dataclass(slots=True)
class Macros:
    """The macros in force, in the order of the document."""

    places: Places
    known: dict[str, Macro] = field(default_factory=dict)
    tried: int = 0
    spent: int = 0

    def define(self, text: str, match: re.Match[str]) -> int | None:
        """Take up the definition that begins at a match of DEFINES; where it ends, or None if it is none.

        Raises ReadError for more than MOST_MACROS of them.
        """
        self.tried += 1
        if self.tried > MOST_MACROS:
            span = self.places.span(*match.span())
            message = f"Line {span.line}: more than {MOST_MACROS:,} macros are defined."
            raise ReadError(message, remedy="Hand in only the definitions that the formulas need.", span=span)
        named = _NAME.match(text, match.end())
        if named is None:
            return None
        name = named.group(1) or named.group(2)
        if match["let"]:
            return self._alias(text, name, named.end())
        if match["def"]:
            parameters = _PARAMETERS.match(text, named.end())
            if parameters is None:
                return None
            count, default, place = len(parameters.group(1)) // 2, None, parameters.end()
        else:
            count, default, place = _signature(text, named.end()) if match["new"] else (0, None, named.end())
        body = _group(text, place)
        if body is None:
            return None
        content, end = text[body[0] : body[1]], body[1] + 1
        if match["pair"]:
            right = _group(text, end)
            if right is None:
                return None
            self._keep(name, Macro(1, f"{content} #1 {text[right[0] : right[1]]}", paired=True))
            return right[1] + 1
        if match["op"]:
            content = rf"\operatorname{match['star']}{{{content}}}"
        if match.group().startswith("\\provide") and name in self.known:
            return end
        self._keep(name, Macro(count, content, default))
        return end

    def delimits(self, name: str) -> str | None:
        r"""The environment that a macro such as `\be` opens, `[` for `\[`; None if it opens none."""
        return self._matched(_MATH_BEGIN, name)

    def closing(self, environment: str) -> str:
        r"""A pattern for what closes it, among macros such as `\ee`."""
        names = [re.escape(n) for n in self.known if self._matched(_MATH_END, n) == environment]
        end = r"\\\]" if environment == "[" else rf"\\end\s*\{{{re.escape(environment)}\}}"
        return "|".join([end, *(rf"\\{n}(?![A-Za-z])" for n in names)])

    def expanded(self, text: str, origins: list[int], end: int) -> Expanded:
        """A formula without definitions, and with the bodies of the macros that it uses.

        Characters of a body have the origin where the use begins. Raises ReadError for what expands without end.
        """
        text, origins = self._defined_inside(text, origins)
        if not any(m.group(1) in self.known for m in _COMMAND.finditer(text)):
            return Expanded(text, (*origins, end))
        if len(text) > LONGEST_FORMULA:
            raise self._endless(_Token("", (origins[0],)), f"expands to more than {LONGEST_FORMULA:,} characters")
        made, uses = Builder(), dict[int, int]()
        tokens = [_Token(m.group(), tuple(origins[m.start() : m.end()])) for m in _TOKEN.finditer(text)]
        stack = tokens[::-1]
        size = used = work = 0
        after_command = False
        while stack:
            token = stack.pop()
            macro = None if token.final or token.text[0] != "\\" else self.known.get(token.text[1:])
            if macro is not None:
                used += 1
                body, last = self._use(token, macro, stack)
                work += len(body)
                if used > MOST_USES or work > MOST_WORK:
                    raise self._endless(token, "expands without end")
                if not token.of_body:
                    uses[token.at[0]] = last
                stack += body[::-1]
            else:
                if after_command and token.text[0].isalpha():
                    made.put(" ", token.at[:1])
                after_command = len(token.text) > 1 and token.text[-1].isalpha()
                made.put(token.text, token.at)
                size += len(token.text)
            if size + len(stack) > LONGEST_FORMULA:
                raise self._endless(token, f"expands to more than {LONGEST_FORMULA:,} characters")
        self._spend(size, origins[0])
        return Expanded(*made.done(end), tuple(sorted(uses.items())))

    def _matched(self, pattern: re.Pattern[str], name: str) -> str | None:
        macro = self.known.get(name)
        found = pattern.fullmatch(macro.body) if macro is not None and not macro.count else None
        return None if found is None else found.group(1) or "["

    def _keep(self, name: str, macro: Macro) -> None:
        if len(macro.body) > LONGEST_BODY or _PROGRAMS.search(macro.body):
            self.known.pop(name, None)
            return
        body = _WRAPPER.sub("", macro.body)
        self.known[name] = Macro(macro.count, body, macro.default, macro.final, macro.paired)

    def _alias(self, text: str, name: str, place: int) -> int | None:
        other = re.compile(r"\s*=?\s*\\([A-Za-z@]+)").match(text, place)
        if other is None:
            return None
        target = other.group(1)
        self._keep(name, self.known.get(target, Macro(0, f"\\{target}", final=True)))
        return other.end()

    def _defined_inside(self, text: str, origins: list[int]) -> tuple[str, list[int]]:
        """The formula without the definitions in it, which are in force from here on."""
        place, kept = 0, list[tuple[int, int]]()
        for match in DEFINES.finditer(text):
            if match.start() < place:
                continue
            end = self.define(text, match)
            if end is not None:
                kept.append((place, match.start()))
                place = end
        if not place:
            return text, origins
        kept.append((place, len(text)))
        return "".join(text[a:b] for a, b in kept), [o for a, b in kept for o in origins[a:b]]

    def _use(self, token: _Token, macro: Macro, stack: list[_Token]) -> tuple[list[_Token], int]:
        """The tokens that stand for one use, and where the use ends."""
        reader = _Arguments(stack, token.at[-1] + 1)
        body = reader.sized(macro.body) if macro.paired else macro.body
        arguments: list[list[_Token]] = []
        if macro.default is not None:
            given = reader.optional()
            arguments.append(_tokens(macro.default, token) if given is None else given)
        while len(arguments) < macro.count:
            argument = reader.argument()
            if argument is None:
                at = self.places.span(token.at[0], token.at[0] + 1)
                message = f"Line {at.line}: the macro `{token.text}` takes {macro.count} arguments, and one is missing."
                raise ReadError(message, remedy="Write it in braces.", span=at)
            arguments.append(argument)
        made: list[_Token] = []
        for piece in re.split(r"(#[1-9])", body):
            number = int(piece[1]) if len(piece) == 2 and piece[0] == "#" else 0
            inside = 0 < number <= len(arguments)
            made += arguments[number - 1] if inside else _tokens(piece, token, macro.final)
            if len(made) > LONGEST_FORMULA:
                raise self._endless(token, f"expands to more than {LONGEST_FORMULA:,} characters")
        return made, reader.end

    def _endless(self, token: _Token, what: str) -> ReadError:
        at = self.places.span(token.at[0], token.at[0] + 1)
        who = f"the macro `{token.text[:40]}`" if token.text else "the formula"
        message = f"Line {at.line}: {who} {what}."
        return ReadError(message, remedy="Write the formula out.", span=at)

    def _spend(self, size: int, start: int) -> None:
        self.spent += size
        if self.spent > LONGEST_ANSWER:
            at = self.places.span(start, start + 1)
            message = f"Line {at.line}: the formulas have more than {LONGEST_ANSWER:,} characters after expansion."
            raise ReadError(message, remedy="Split the answer.", span=at)


@dataclass(slots=True)
class _Arguments:
    """Takes the arguments of a use from what stands behind it; `end` is where the last of them ends in the source."""

    stack: list[_Token]
    end: int

    def argument(self) -> list[_Token] | None:
        """A group without its braces, or one token; None if there is nothing or the group has no end."""
        self._skip_space()
        if not self.stack or self.stack[-1].text == "}":
            return None
        first = self._pop()
        return [first] if first.text != "{" else self._until("}")

    def optional(self) -> list[_Token] | None:
        """What stands in square brackets, if anything does."""
        depth = len(self.stack)
        while depth and self.stack[depth - 1].text.isspace():
            depth -= 1
        if not depth or self.stack[depth - 1].text != "[":
            return None
        self._skip_space()
        self._pop()
        return self._until("]")

    def sized(self, body: str) -> str:
        r"""A pair of delimiters, with `\left` and `\right` if a star follows; a size in brackets is passed over."""
        if self.stack and self.stack[-1].text == "*":
            self._pop()
            left, right = body.split("#1")
            return rf"\left{left}#1\right{right.strip()}"
        self.optional()
        return body

    def _until(self, closing: str) -> list[_Token] | None:
        taken: list[_Token] = []
        depth = 0
        while self.stack:
            token = self._pop()
            if depth == 0 and token.text == closing:
                return taken
            depth += {"{": 1, "}": -1}.get(token.text, 0)
            taken.append(token)
        return None

    def _pop(self) -> _Token:
        token = self.stack.pop()
        if not token.of_body:
            self.end = max(self.end, token.at[-1] + 1)
        return token

    def _skip_space(self) -> None:
        while self.stack and self.stack[-1].text.isspace():
            self.stack.pop()


def _tokens(text: str, use: _Token, final: bool = False) -> list[_Token]:
    """A text of a macro's body, at the place of its use."""
    return [_Token(m.group(), use.at[:1] * len(m.group()), final, True) for m in _TOKEN.finditer(text)]


def _signature(text: str, place: int) -> tuple[int, str | None, int]:
    """The number of arguments, the default of the first, and where the body begins."""
    count = _COUNT.match(text, place)
    if count is None:
        return 0, None, place
    default = _DEFAULT.match(text, count.end())
    return int(count.group(1)), default.group(1) if default else None, (default or count).end()


def _group(text: str, place: int) -> tuple[int, int] | None:
    """Begin and end of what stands in braces at a place."""
    while place < len(text) and text[place].isspace():
        place += 1
    if not text.startswith("{", place):
        return None
    depth = 0
    for match in _BRACE.finditer(text, place, place + LONGEST_BODY + 2):
        depth += {"{": 1, "}": -1}.get(match.group(), 0)
        if depth == 0:
            return place + 1, match.start()
    return None
