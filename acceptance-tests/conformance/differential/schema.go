package main

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/dynamicplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type body struct {
	Attributes []attribute
	Blocks     []block
}

// attribute is one of a schema; of the words below, each stands for the method of the same name.
type attribute struct {
	Name      string
	Kind      string
	Required  bool
	Optional  bool
	Computed  bool
	WriteOnly bool
	Default   bool
	Keep      string
	Replace   string
	Inner     []attribute
}

type block struct {
	Name    string
	Nesting string
	Replace string
	Body    body
}

func (b body) attributes() map[string]schema.Attribute { return attributes(b.Attributes) }

func (b body) blocks() map[string]schema.Block {
	blocks := map[string]schema.Block{}
	for _, each := range b.Blocks {
		object := schema.NestedBlockObject{Attributes: each.Body.attributes(), Blocks: each.Body.blocks()}
		switch each.Nesting {
		case "single":
			blocks[each.Name] = schema.SingleNestedBlock{
				Attributes:    object.Attributes,
				Blocks:        object.Blocks,
				PlanModifiers: modifiers("", each.Replace, nil, nil, objectplanmodifier.RequiresReplace(), objectplanmodifier.RequiresReplaceIfConfigured()),
			}
		case "list":
			blocks[each.Name] = schema.ListNestedBlock{
				NestedObject:  object,
				PlanModifiers: modifiers("", each.Replace, nil, nil, listplanmodifier.RequiresReplace(), listplanmodifier.RequiresReplaceIfConfigured()),
			}
		case "set":
			blocks[each.Name] = schema.SetNestedBlock{
				NestedObject:  object,
				PlanModifiers: modifiers("", each.Replace, nil, nil, setplanmodifier.RequiresReplace(), setplanmodifier.RequiresReplaceIfConfigured()),
			}
		default:
			panic("nesting " + each.Nesting)
		}
	}
	return blocks
}

func attributes(all []attribute) map[string]schema.Attribute {
	made := map[string]schema.Attribute{}
	for _, each := range all {
		made[each.Name] = each.made()
	}
	return made
}

func modifiers[M any](keep, replace string, keeps, keepsUnlessNull, always, configured M) []M {
	var all []M
	switch keep {
	case "prior":
		all = append(all, keeps)
	case "prior_unless_null":
		all = append(all, keepsUnlessNull)
	}
	switch replace {
	case "always":
		all = append(all, always)
	case "if_configured":
		all = append(all, configured)
	}
	return all
}

func (a attribute) lists() []planmodifier.List {
	return modifiers(a.Keep, a.Replace, listplanmodifier.UseStateForUnknown(), listplanmodifier.UseNonNullStateForUnknown(), listplanmodifier.RequiresReplace(), listplanmodifier.RequiresReplaceIfConfigured())
}

func (a attribute) sets() []planmodifier.Set {
	return modifiers(a.Keep, a.Replace, setplanmodifier.UseStateForUnknown(), setplanmodifier.UseNonNullStateForUnknown(), setplanmodifier.RequiresReplace(), setplanmodifier.RequiresReplaceIfConfigured())
}

func (a attribute) maps() []planmodifier.Map {
	return modifiers(a.Keep, a.Replace, mapplanmodifier.UseStateForUnknown(), mapplanmodifier.UseNonNullStateForUnknown(), mapplanmodifier.RequiresReplace(), mapplanmodifier.RequiresReplaceIfConfigured())
}

func (a attribute) made() schema.Attribute {
	object := schema.NestedAttributeObject{Attributes: attributes(a.Inner)}
	switch a.Kind {
	case "string":
		made := schema.StringAttribute{
			Required: a.Required, Optional: a.Optional, Computed: a.Computed, WriteOnly: a.WriteOnly,
			PlanModifiers: modifiers(a.Keep, a.Replace, stringplanmodifier.UseStateForUnknown(), stringplanmodifier.UseNonNullStateForUnknown(), stringplanmodifier.RequiresReplace(), stringplanmodifier.RequiresReplaceIfConfigured()),
		}
		if a.Default {
			made.Default = stringdefault.StaticString("default")
		}
		return made
	case "number":
		made := schema.Int64Attribute{
			Required: a.Required, Optional: a.Optional, Computed: a.Computed, WriteOnly: a.WriteOnly,
			PlanModifiers: modifiers(a.Keep, a.Replace, int64planmodifier.UseStateForUnknown(), int64planmodifier.UseNonNullStateForUnknown(), int64planmodifier.RequiresReplace(), int64planmodifier.RequiresReplaceIfConfigured()),
		}
		if a.Default {
			made.Default = int64default.StaticInt64(7)
		}
		return made
	case "bool":
		made := schema.BoolAttribute{
			Required: a.Required, Optional: a.Optional, Computed: a.Computed, WriteOnly: a.WriteOnly,
			PlanModifiers: modifiers(a.Keep, a.Replace, boolplanmodifier.UseStateForUnknown(), boolplanmodifier.UseNonNullStateForUnknown(), boolplanmodifier.RequiresReplace(), boolplanmodifier.RequiresReplaceIfConfigured()),
		}
		if a.Default {
			made.Default = booldefault.StaticBool(true)
		}
		return made
	case "list":
		made := schema.ListAttribute{
			ElementType: types.StringType,
			Required:    a.Required, Optional: a.Optional, Computed: a.Computed, WriteOnly: a.WriteOnly,
			PlanModifiers: a.lists(),
		}
		if a.Default {
			made.Default = listdefault.StaticValue(types.ListValueMust(types.StringType, []attr.Value{types.StringValue("default")}))
		}
		return made
	case "set":
		return schema.SetAttribute{
			ElementType: types.StringType,
			Required:    a.Required, Optional: a.Optional, Computed: a.Computed, PlanModifiers: a.sets(),
		}
	case "map":
		return schema.MapAttribute{
			ElementType: types.StringType,
			Required:    a.Required, Optional: a.Optional, Computed: a.Computed, PlanModifiers: a.maps(),
		}
	case "object":
		return schema.ObjectAttribute{
			AttributeTypes: map[string]attr.Type{"s": types.StringType, "l": types.ListType{ElemType: types.StringType}},
			Required:       a.Required, Optional: a.Optional, Computed: a.Computed,
			PlanModifiers: modifiers(a.Keep, a.Replace, objectplanmodifier.UseStateForUnknown(), objectplanmodifier.UseNonNullStateForUnknown(), objectplanmodifier.RequiresReplace(), objectplanmodifier.RequiresReplaceIfConfigured()),
		}
	case "dynamic":
		return schema.DynamicAttribute{
			Required: a.Required, Optional: a.Optional, Computed: a.Computed,
			PlanModifiers: modifiers(a.Keep, a.Replace, dynamicplanmodifier.UseStateForUnknown(), dynamicplanmodifier.UseNonNullStateForUnknown(), dynamicplanmodifier.RequiresReplace(), dynamicplanmodifier.RequiresReplaceIfConfigured()),
		}
	case "single":
		return schema.SingleNestedAttribute{
			Attributes: object.Attributes,
			Required:   a.Required, Optional: a.Optional, Computed: a.Computed,
			PlanModifiers: modifiers(a.Keep, a.Replace, objectplanmodifier.UseStateForUnknown(), objectplanmodifier.UseNonNullStateForUnknown(), objectplanmodifier.RequiresReplace(), objectplanmodifier.RequiresReplaceIfConfigured()),
		}
	case "list_nested":
		return schema.ListNestedAttribute{
			NestedObject: object,
			Required:     a.Required, Optional: a.Optional, Computed: a.Computed, PlanModifiers: a.lists(),
		}
	case "set_nested":
		return schema.SetNestedAttribute{
			NestedObject: object,
			Required:     a.Required, Optional: a.Optional, Computed: a.Computed, PlanModifiers: a.sets(),
		}
	case "map_nested":
		return schema.MapNestedAttribute{
			NestedObject: object,
			Required:     a.Required, Optional: a.Optional, Computed: a.Computed, PlanModifiers: a.maps(),
		}
	}
	panic(fmt.Sprintf("kind %q", a.Kind))
}

// judge is a provider of one resource with that schema, which is only ever planned and upgraded.
type judge struct{ schema body }

func (j *judge) Metadata(_ context.Context, _ provider.MetadataRequest, response *provider.MetadataResponse) {
	response.TypeName = "judge"
}

func (j *judge) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse)          {}
func (j *judge) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}
func (j *judge) DataSources(context.Context) []func() datasource.DataSource                        { return nil }
func (j *judge) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return thing{j.schema} }}
}

type thing struct{ schema body }

func (t thing) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = "judge_thing"
}

func (t thing) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = schema.Schema{Attributes: t.schema.attributes(), Blocks: t.schema.blocks()}
}

func (t thing) Create(context.Context, resource.CreateRequest, *resource.CreateResponse) {}
func (t thing) Read(context.Context, resource.ReadRequest, *resource.ReadResponse)       {}
func (t thing) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}
func (t thing) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
