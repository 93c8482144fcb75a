terraform {
  required_providers {
    example = { source = "example/example" }
  }
}

resource "example_note" "first" {
  path = "${path.root}/note.txt"
  text = "Hello"
}

output "size" {
  value = example_note.first.size
}
