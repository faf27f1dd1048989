"""
What a terminal shows of what a program has written to it: letters and marks as wide as Unicode has them, rows that go
on in the next one, and the few sequences of a vt100 that move and erase. Marks that combine stand in the cell of what
they combine with. Emoji that are joined to the one in front are left out, as some terminals draw them as one.
"""
import re
import unicodedata

SEQUENCE = re.compile(r"\x1b\[(\d*)(?:;(\d*))?([A-Za-z])|\x1b(M)|\x1b[()].|\x1b[=>78]|\x1b.")


def columns(letter):
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


class Screen:
    def __init__(self, width):
        self.width = width
        self.rows = [[" "] * width]  # a cell is a letter, or "" behind a wide one
        self.goes_on = [False]
        self.row = self.column = 0
        self.joins = False

    def draw(self, text):
        at = 0
        while at < len(text):
            sequence = SEQUENCE.match(text, at)
            if sequence:
                self.joins = False
                self.obey(int(sequence[1] or 1), "A" if sequence[4] else sequence[3], sequence[1] or "0")
                at = sequence.end()
                continue
            self.put(text[at])
            at += 1
        return self

    def move_to(self, row):
        self.row = max(row, 0)
        while len(self.rows) <= self.row:
            self.rows.append([" "] * self.width)
            self.goes_on.append(False)

    def put(self, letter):
        if letter == "\r":
            self.column = 0
        elif letter == "\n":
            self.move_to(self.row + 1)
        elif letter == "\b":
            self.column = max(min(self.column, self.width) - 1, 0)
        elif letter >= " " and columns(letter) == 0:
            self.put_mark(letter)
        elif letter >= " " and not self.joins:
            self.put_letter(letter)
        self.joins = letter == "\u200d"

    def put_letter(self, letter):
        if self.column + columns(letter) > self.width:  # it stood at the edge until now
            self.goes_on[self.row] = True
            self.move_to(self.row + 1)
            self.column = 0
        self.rows[self.row][self.column:self.column + columns(letter)] = [letter] + [""] * (columns(letter) - 1)
        self.column += columns(letter)

    def put_mark(self, mark):
        at = self.column - 1
        while at > 0 and self.rows[self.row][at] == "":
            at -= 1
        if at >= 0:
            self.rows[self.row][at] += mark

    def obey(self, count, what, told):
        column = min(self.column, self.width - 1)
        if what == "A":
            self.row = max(self.row - count, 0)
        elif what == "B":
            self.move_to(self.row + count)
        elif what in ("C", "D"):
            self.column = max(min(column + (count if what == "C" else -count), self.width - 1), 0)
        elif what == "K" and told == "0":
            self.erase(self.row, column)
        elif what == "J" and told == "0":
            self.erase(self.row, column)
            for row in range(self.row + 1, len(self.rows)):
                self.erase(row, 0)
        elif what not in ("m", "h", "l", None):
            raise ValueError(f"a sequence that this terminal does not know: {what}")

    def erase(self, row, column):
        self.rows[row][column:] = [" "] * (self.width - column)
        self.goes_on[row] = False

    def lines(self):
        """What stands there, a row that goes on in the next one together with that; without blanks at the ends."""
        text, done = "", []
        for row, goes_on in zip(self.rows, self.goes_on):
            text += "".join(row)
            if not goes_on:
                done.append(text.rstrip())
                text = ""
        while done and done[-1] == "":
            done.pop()
        return done
