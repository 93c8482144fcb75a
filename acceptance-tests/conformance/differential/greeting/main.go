// The provider of crates/terraform-plugin/examples/terraform-provider-greeting.rs on terraform-plugin-framework, which
// `cargo xtask bench --framework` starts beside that one.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func main() {
	options := providerserver.ServeOpts{Address: "registry.terraform.io/example/greeting"}
	if err := providerserver.Serve(context.Background(), func() provider.Provider { return greeting{} }, options); err != nil {
		log.Fatal(err)
	}
}

type greeting struct{}

func (greeting) Metadata(_ context.Context, _ provider.MetadataRequest, response *provider.MetadataResponse) {
	response.TypeName = "greeting"
}

func (greeting) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse)          {}
func (greeting) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}
func (greeting) DataSources(context.Context) []func() datasource.DataSource                        { return nil }
func (greeting) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return card{} }}
}

type card struct{}

type model struct {
	Name types.String `tfsdk:"name"`
	Text types.String `tfsdk:"text"`
}

func (card) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = "greeting_card"
}

func (card) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"name": schema.StringAttribute{Required: true, Description: "Who is greeted."},
		"text": schema.StringAttribute{Computed: true, Description: "The greeting."},
	}}
}

func (card) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	var planned model
	response.Diagnostics.Append(request.Plan.Get(ctx, &planned)...)
	planned.Text = types.StringValue("Hello, " + planned.Name.ValueString() + "!")
	response.Diagnostics.Append(response.State.Set(ctx, planned)...)
}

func (card) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (card) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	var planned model
	response.Diagnostics.Append(request.Plan.Get(ctx, &planned)...)
	planned.Text = types.StringValue("Hello, " + planned.Name.ValueString() + "!")
	response.Diagnostics.Append(response.State.Set(ctx, planned)...)
}

func (card) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
