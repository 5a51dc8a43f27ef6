"""Rules of the living city: who is how, what the sky does, what happens when, who does what.

Pure and repeatable: the same seed gives the same tempers, weather and matters. What becomes of a
case depends on when the platform answers, so that a run as a whole does not repeat.
"""
