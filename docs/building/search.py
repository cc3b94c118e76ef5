"""Search in Chinese without a dictionary: neighbouring characters are a term, in the index and in what is asked.

So a word of two or more characters is found on every page on which it stands, whatever a splitter would make of the
sentence around it. Sphinx's own splitter needs jieba; without it no Chinese word at all is in the index.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
WORDS = re.compile(rf"([{HAN}]+)|([^\W{HAN}]+)")
# The same in the browser, of what is asked.
SPLIT = r"""
var splitQuery = (query) => {
  const chinese = "[\\u3400-\\u4dbf\\u4e00-\\u9fff]";
  const words = query.match(new RegExp(`${chinese}+|(?:(?!${chinese})[\\p{Letter}\\p{Number}_])+`, "gu")) || [];
  const pairs = (word) => Array.from({ length: word.length - 1 }, (_, at) => word.slice(at, at + 2));
  return words.flatMap((word) => (new RegExp(`^${chinese}{3,}$`).test(word) ? pairs(word) : [word]));
};
"""


class SearchChinese(SearchEnglish):
    """Chinese as single characters and pairs of neighbours; other words as in English, stemmed."""

    lang = "zh"
    js_splitter_code = SPLIT

    def split(self, input: str) -> list[str]:
        """The terms of a text."""
        found = list[str]()
        for chinese, word in WORDS.findall(input):
            found += [word] if word else [*chinese, *(chinese[at : at + 2] for at in range(len(chinese) - 1))]
        return found


def setup(app: Sphinx) -> dict[str, Any]:
    """In place of Sphinx's own."""
    app.add_search_language(SearchChinese)
    return {"parallel_read_safe": True}
