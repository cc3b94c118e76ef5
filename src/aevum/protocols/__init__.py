"""Published experiments as they can be run again, and what they gave: the field's scoreboard.

A protocol is a record (:mod:`aevum.protocols.records`) of what a paper did and reports, of the function here that does
it, and of what that gave when it was last measured. Listing them loads no PyTorch.
"""

from aevum.protocols.records import PROTOCOLS, Data, Ours, Paper, Protocol
from aevum.protocols.running import Outcome, protocol, reproduce
from aevum.protocols.scoreboard import scoreboard

__all__ = ["PROTOCOLS", "Data", "Ours", "Outcome", "Paper", "Protocol", "protocol", "reproduce", "scoreboard"]
