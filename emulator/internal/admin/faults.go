package admin

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"appsync-emulator/emulator/internal/faults"
)

// injector returns what faults are set in.
func (c *call) injector() (*faults.Injector, error) {
	if c.opt.Faults == nil {
		return nil, notFound("", "faults cannot be set here")
	}
	return c.opt.Faults, nil
}

// faultList is a list of faults in an answer.
type faultList struct {
	Faults []faults.State `json:"faults"`
}

// refusedFaults is the refusal of faults or of a scenario.
func refusedFaults(err error) error {
	if problems, ok := errors.AsType[faults.Problems](err); ok {
		e := &Error{
			Status: http.StatusBadRequest, Message: problems[0].Text(), Field: problems[0].Path,
			Line: problems[0].Line, Column: problems[0].Column,
		}
		if len(problems) > 1 {
			e.Problems = make([]Problem, len(problems))
			for i, p := range problems {
				e.Problems[i] = Problem{Field: p.Path, Line: p.Line, Column: p.Column, Message: p.Text()}
			}
		}
		return e
	}
	if errors.Is(err, faults.ErrFull) {
		return &Error{Status: http.StatusConflict, Message: err.Error()}
	}
	if errors.Is(err, context.Canceled) {
		return &Error{Status: http.StatusServiceUnavailable, Message: "the emulator is being closed"}
	}
	return err
}

func (c *call) setFaults() (any, error) {
	in, err := c.injector()
	if err != nil {
		return nil, err
	}
	text, err := c.body()
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(text) == "" {
		return nil, badRequest("", "want a fault, or a list of faults")
	}
	set, err := in.Set(text)
	if err != nil {
		return nil, refusedFaults(err)
	}
	return faultList{set}, nil
}

func (c *call) listFaults() (any, error) {
	in, err := c.injector()
	if err != nil {
		return nil, err
	}
	return faultList{in.List()}, nil
}

func (c *call) getFault() (any, error) {
	in, err := c.injector()
	if err != nil {
		return nil, err
	}
	state, ok := in.Get(c.segments[0])
	if !ok {
		return nil, notFound("id", "there is no fault %q", c.segments[0])
	}
	return state, nil
}

func (c *call) removeFault() (any, error) {
	in, err := c.injector()
	if err != nil {
		return nil, err
	}
	state, ok := in.Remove(c.segments[0])
	if !ok {
		return nil, notFound("id", "there is no fault %q", c.segments[0])
	}
	return state, nil
}

func (c *call) removeFaults() (any, error) {
	in, err := c.injector()
	if err != nil {
		return nil, err
	}
	return struct {
		Removed []string `json:"removed"`
	}{in.RemoveAll()}, nil
}

func (c *call) startScenario() (any, error) {
	in, err := c.injector()
	if err != nil {
		return nil, err
	}
	text, err := c.body()
	if err != nil {
		return nil, err
	}
	name := c.query.Get("name")
	if name == "" {
		name = "scenario"
	}
	s, err := in.ParseScenario(name, text)
	if err != nil {
		return nil, refusedFaults(err)
	}
	return in.Start(s), nil
}

func (c *call) getScenario() (any, error) {
	in, err := c.injector()
	if err != nil {
		return nil, err
	}
	state, ok := in.Scenario()
	if !ok {
		return nil, notFound("", "no scenario was started")
	}
	return state, nil
}

func (c *call) stopScenario() (any, error) {
	in, err := c.injector()
	if err != nil {
		return nil, err
	}
	state, ok := in.StopScenario()
	if !ok {
		return nil, notFound("", "no scenario was started")
	}
	return state, nil
}

func (c *call) listConnections() (any, error) {
	in, err := c.injector()
	if err != nil {
		return nil, err
	}
	return struct {
		Connections []faults.Connection `json:"connections"`
	}{in.Connections()}, nil
}
