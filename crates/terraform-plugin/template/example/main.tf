terraform {
  required_providers {
    {{provider}} = { source = "{{namespace}}/{{provider}}" }
  }
}

resource "{{provider}}_note" "first" {
  path = "${path.root}/note.txt"
  text = "Hello"
}

output "size" {
  value = {{provider}}_note.first.size
}
