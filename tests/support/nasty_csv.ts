/** Texts with the columns `a` and `b` that readers of CSV stumble over, by what is nasty about them. */
export const nastyTexts: Readonly<Record<string, string>> = {
  "quotes within cells": 'a,b\n"x ""y"" z",""""\n"",""""""\n',
  "line breaks within quotes": 'a,b\n"1\n2","\r\n"\n"\n\n",x\n',
  "a byte order mark": "\u{feff}a,b\n1,2\n",
  "a byte order mark before a quoted name": '\u{feff}"a",b\n1,2\n',
  "CRLF": 'a,b\r\n1,2\r\n"x\r\ny",3\r\n',
  "an empty last cell": "a,b\n1,\n2,\n,",
  "no line break at the end": "a,b\n1,2\n3,4",
  "a quoted cell at the end": 'a,b\n1,2\n3,"4"',
  "a cell of 1 MiB": `a,b\n1,${"x".repeat(1 << 20)}\n2,y\n`,
  "a quoted cell of 1 MiB": `a,b\n1,"${"x,\n".repeat(350_000)}"\n2,y\n`,
  "characters of two, three and four bytes": "a,b\nä,€\n\u{1f30a},\u{1f30a}ä\n",
  "delimiters within quotes": 'a,b\n",",",,"\n',
  "blank lines": "a,b\n\n1,2\n\n\n3,4\n\n",
  "empty and quoted empty cells": 'a,b\n,""\n"",\n,\n',
  "spaces around cells": "a,b\n 1 , 2\n",
};
