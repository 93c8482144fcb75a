// A provider in two forms, on SDKv2 and on terraform-plugin-framework, whose state others have to read: three resources
// with the same attributes, of schema versions 0, 2, and 1 with timeouts.
package main

import (
	"context"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-sdk/v2/plugin"
)

func main() {
	if os.Getenv("FRAMEWORK") == "" {
		plugin.Serve(&plugin.ServeOpts{ProviderFunc: sdkv2})
		return
	}
	opts := providerserver.ServeOpts{Address: "registry.terraform.io/example/ported"}
	if err := providerserver.Serve(context.Background(), framework, opts); err != nil {
		log.Fatal(err)
	}
}
