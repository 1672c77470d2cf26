"""The tables of the status site, by what they hold."""

from status.models.component import Component, ComponentGroup, ComponentMark, Region, StatusPeriod, UptimeDay
from status.models.incident import (
    Incident,
    IncidentComponent,
    IncidentTemplate,
    IncidentUpdate,
    StatusEvent,
    UpdateEffect,
)
from status.models.publication import ImportedEntry, Publication
from status.models.subscriber import Subscriber

__all__ = [
    "Component",
    "ComponentGroup",
    "ComponentMark",
    "ImportedEntry",
    "Incident",
    "IncidentComponent",
    "IncidentTemplate",
    "IncidentUpdate",
    "Publication",
    "Region",
    "StatusEvent",
    "StatusPeriod",
    "Subscriber",
    "UpdateEffect",
    "UptimeDay",
]
