// Plans and upgrades, as terraform-plugin-framework makes them, for the differential judge of `terraform-plugin`
// (crates/terraform-plugin/src/plan/order/tests/differential.rs): a line of JSON in, a line of JSON out.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// question is a schema and what is to be planned, or upgraded, under it.
type question struct {
	Schema   body
	Prior    []byte
	Proposed []byte
	Config   []byte
	// A stored state of the same schema version, instead of a plan.
	Stored string
}

type answer struct {
	Planned []byte   `json:"planned"`
	Replace []string `json:"replace"`
	Errors  []string `json:"errors"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var asked question
		if err := json.Unmarshal(line, &asked); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := out.Encode(asked.answered()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func (q question) answered() answer {
	ctx := context.Background()
	server := providerserver.NewProtocol6(&judge{schema: q.Schema})()
	if q.Stored != "" {
		response, err := server.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{
			TypeName: "judge_thing",
			RawState: &tfprotov6.RawState{JSON: []byte(q.Stored)},
		})
		if err != nil {
			return answer{Errors: []string{err.Error()}}
		}
		return answered(response.UpgradedState, nil, response.Diagnostics)
	}
	value := func(msgpack []byte) *tfprotov6.DynamicValue { return &tfprotov6.DynamicValue{MsgPack: msgpack} }
	response, err := server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName:         "judge_thing",
		PriorState:       value(q.Prior),
		ProposedNewState: value(q.Proposed),
		Config:           value(q.Config),
	})
	if err != nil {
		return answer{Errors: []string{err.Error()}}
	}
	return answered(response.PlannedState, response.RequiresReplace, response.Diagnostics)
}

func answered(state *tfprotov6.DynamicValue, replace []*tftypes.AttributePath, found []*tfprotov6.Diagnostic) answer {
	var result answer
	for _, each := range found {
		if each.Severity == tfprotov6.DiagnosticSeverityError {
			result.Errors = append(result.Errors, each.Summary+": "+each.Detail)
		}
	}
	for _, path := range replace {
		result.Replace = append(result.Replace, written(path))
	}
	if state != nil {
		result.Planned = state.MsgPack
	}
	return result
}

// written is a path as terraform-plugin's Path prints it, which ends at a set.
func written(path *tftypes.AttributePath) string {
	text := ""
	for _, step := range path.Steps() {
		switch step := step.(type) {
		case tftypes.AttributeName:
			if text != "" {
				text += "."
			}
			text += string(step)
		case tftypes.ElementKeyString:
			text += fmt.Sprintf("[%q]", string(step))
		case tftypes.ElementKeyInt:
			text += fmt.Sprintf("[%d]", int64(step))
		case tftypes.ElementKeyValue:
			return text
		}
	}
	return text
}
