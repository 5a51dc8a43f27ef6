"""Command and coordination (指挥协调): the closed loop of a case.

Owns matter types, standards for filing, disposal and closing, the workflow, clocks, tasks,
attachments and the tamper-evident log of a case.
"""
