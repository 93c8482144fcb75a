package main

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

func sdkv2() *schema.Provider {
	timed := disk(1)
	timed.Timeouts = &schema.ResourceTimeout{
		Create: schema.DefaultTimeout(20 * time.Minute),
		Delete: schema.DefaultTimeout(10 * time.Minute),
	}
	return &schema.Provider{ResourcesMap: map[string]*schema.Resource{
		"ported_plain":     disk(0),
		"ported_versioned": disk(2),
		"ported_timed":     timed,
	}}
}

func disk(version int) *schema.Resource {
	nothing := func(context.Context, *schema.ResourceData, any) diag.Diagnostics { return nil }
	label := &schema.Resource{Schema: map[string]*schema.Schema{
		"key": {Type: schema.TypeString, Required: true},
	}}
	return &schema.Resource{
		SchemaVersion: version,
		CreateContext: func(_ context.Context, d *schema.ResourceData, _ any) diag.Diagnostics {
			d.SetId("d-1")
			return nil
		},
		ReadContext:   nothing,
		UpdateContext: nothing,
		DeleteContext: nothing,
		Schema: map[string]*schema.Schema{
			"name":      {Type: schema.TypeString, Required: true, ForceNew: true},
			"size":      {Type: schema.TypeInt, Optional: true},
			"ratio":     {Type: schema.TypeFloat, Optional: true},
			"serial":    {Type: schema.TypeString, Optional: true},
			"encrypted": {Type: schema.TypeBool, Optional: true},
			"tags":      {Type: schema.TypeMap, Optional: true, Elem: &schema.Schema{Type: schema.TypeString}},
			"zones":     {Type: schema.TypeSet, Optional: true, Elem: &schema.Schema{Type: schema.TypeString}},
			"label":     {Type: schema.TypeList, Optional: true, Elem: label},
			"owner":     {Type: schema.TypeList, Optional: true, MaxItems: 1, Elem: label},
		},
	}
}
