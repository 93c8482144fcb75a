package main

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func framework() provider.Provider { return ported{} }

type ported struct{}

func (ported) Metadata(_ context.Context, _ provider.MetadataRequest, response *provider.MetadataResponse) {
	response.TypeName = "ported"
}

func (ported) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse)          {}
func (ported) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}
func (ported) DataSources(context.Context) []func() datasource.DataSource                        { return nil }

func (ported) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return frameworkDisk{"plain", 0} },
		func() resource.Resource { return frameworkDisk{"versioned", 2} },
		func() resource.Resource { return frameworkDisk{"timed", 1} },
	}
}

type frameworkDisk struct {
	name    string
	version int64
}

func (d frameworkDisk) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = "ported_" + d.name
}

func (d frameworkDisk) Schema(ctx context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	label := schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
		"key": schema.StringAttribute{Required: true},
	}}
	response.Schema = schema.Schema{
		Version: d.version,
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed:      true,
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"name":      schema.StringAttribute{Required: true},
			"size":      schema.Int64Attribute{Optional: true},
			"ratio":     schema.Float64Attribute{Optional: true},
			"serial":    schema.StringAttribute{Optional: true},
			"encrypted": schema.BoolAttribute{Optional: true},
			"tags":      schema.MapAttribute{Optional: true, ElementType: types.StringType},
			"zones":     schema.SetAttribute{Optional: true, ElementType: types.StringType},
		},
		Blocks: map[string]schema.Block{
			"label": schema.ListNestedBlock{NestedObject: label},
			"owner": schema.ListNestedBlock{NestedObject: label},
		},
	}
	if d.name == "timed" {
		response.Schema.Blocks["timeouts"] = timeouts.Block(ctx, timeouts.Opts{Create: true, Delete: true})
	}
}

func (d frameworkDisk) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	response.State.Raw = request.Plan.Raw
	response.Diagnostics.Append(response.State.SetAttribute(ctx, path.Root("id"), "d-1")...)
	response.Diagnostics.Append(response.Private.SetKey(ctx, "made", []byte(`{"by":"framework"}`))...)
}

func (frameworkDisk) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (frameworkDisk) Update(_ context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	response.State.Raw = request.Plan.Raw
}

func (frameworkDisk) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
