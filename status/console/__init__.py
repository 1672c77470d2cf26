"""The status operators' console: from "something is wrong" to a published incident in half a minute, on a phone."""
