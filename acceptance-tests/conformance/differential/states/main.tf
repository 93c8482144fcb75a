terraform {
  required_providers {
    ported = { source = "example/ported" }
  }
}

resource "ported_plain" "full" {
  name      = "n"
  size      = 5
  ratio     = 0.1
  serial    = "17"
  encrypted = true
  tags      = { k = "v" }
  zones     = ["b", "a"]
  label { key = "first" }
  label { key = "second" }
  owner { key = "me" }
}

resource "ported_plain" "bare" {
  name = "n"
}

resource "ported_versioned" "full" {
  name      = "n"
  size      = 5
  ratio     = 0.1
  serial    = "17"
  encrypted = true
  tags      = { k = "v" }
  zones     = ["b", "a"]
  label { key = "first" }
  label { key = "second" }
  owner { key = "me" }
}

resource "ported_versioned" "bare" {
  name = "n"
}

resource "ported_timed" "full" {
  name      = "n"
  size      = 5
  ratio     = 0.1
  serial    = "17"
  encrypted = true
  tags      = { k = "v" }
  zones     = ["b", "a"]
  label { key = "first" }
  label { key = "second" }
  owner { key = "me" }
  timeouts { create = "30m" }
}

resource "ported_timed" "bare" {
  name = "n"
}

# Applied with all arguments first, and then without: what the providers leave in their place.
variable "emptied" {
  type = bool
}

resource "ported_plain" "emptied" {
  name      = "n"
  size      = var.emptied ? null : 5
  ratio     = var.emptied ? null : 0.1
  serial    = var.emptied ? null : "17"
  encrypted = var.emptied ? null : true
  tags      = var.emptied ? null : { k = "v" }
  zones     = var.emptied ? null : ["b", "a"]
}

resource "ported_versioned" "emptied" {
  name      = "n"
  size      = var.emptied ? null : 5
  ratio     = var.emptied ? null : 0.1
  serial    = var.emptied ? null : "17"
  encrypted = var.emptied ? null : true
  tags      = var.emptied ? null : { k = "v" }
  zones     = var.emptied ? null : ["b", "a"]
}

resource "ported_timed" "emptied" {
  name      = "n"
  size      = var.emptied ? null : 5
  ratio     = var.emptied ? null : 0.1
  serial    = var.emptied ? null : "17"
  encrypted = var.emptied ? null : true
  tags      = var.emptied ? null : { k = "v" }
  zones     = var.emptied ? null : ["b", "a"]
}
