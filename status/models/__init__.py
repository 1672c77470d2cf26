"""The tables of the status site, by what they hold."""

from status.models.automation import AlertGroup, AlertRule, IdempotentRequest, Opening, Probe, ReceivedAlert
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
    "AlertGroup",
    "AlertRule",
    "Component",
    "ComponentGroup",
    "ComponentMark",
    "IdempotentRequest",
    "ImportedEntry",
    "Incident",
    "IncidentComponent",
    "IncidentTemplate",
    "IncidentUpdate",
    "Opening",
    "Probe",
    "Publication",
    "ReceivedAlert",
    "Region",
    "StatusEvent",
    "StatusPeriod",
    "Subscriber",
    "UpdateEffect",
    "UptimeDay",
]
