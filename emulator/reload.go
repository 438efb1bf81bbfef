package emulator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"

	"appsync-emulator/emulator/internal/admin"
	"appsync-emulator/emulator/internal/idp"
	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/emulator/internal/server"
	"appsync-emulator/storage"
)

// Reload tells what a reload has done.
type Reload struct {
	// Tables are those that were made, and Changed those that got other indexes or
	// another TTL attribute.
	Tables, Changed []string
	// Subscriptions is how many went on, and Ended how many did not fit the new
	// project and were ended with an error.
	Subscriptions, Ended int
}

// Reload serves another project in place of the one that is served: from one
// request to the next, while those under way are ended with the project that they
// began with. Connections stay open, and so do subscriptions that the new schema
// allows. Items, clock, snapshots, faults and the users of user pools stay; tables
// and indexes that are new are made before the project is served, and new tables
// that are empty get their seed. The last project is served on when there is an
// error; it is a Problems when the project does not fit the data.
//
// A project is served once: load it again for each Reload.
func (e *Emulator) Reload(ctx context.Context, p *Project) (Reload, error) {
	e.reloading.Lock()
	defer e.reloading.Unlock()
	select {
	case <-e.closing:
		return Reload{}, errors.New("the emulator is closed")
	default:
	}
	if p.served.Swap(true) {
		return Reload{}, errors.New("a project is served once: load it again")
	}
	last := e.api.now()
	administered, err := administeredProject(p.api)
	if err != nil {
		return Reload{}, err
	}
	seeds, err := seedItems(p.api)
	if err != nil {
		return Reload{}, err
	}
	next, err := e.newGeneration(p, nextProvider(last, p.api), e.api.subscriptions)
	if err != nil {
		return Reload{}, err
	}
	plan, err := e.planTables(ctx, last.project.api, p.api, administered.Tables)
	if err != nil {
		next.lambda.Close()
		return Reload{}, err
	}
	if err := e.carryOut(ctx, p, plan, seeds); err != nil {
		next.lambda.Close()
		return Reload{}, err
	}
	out := Reload{Tables: plan.created, Changed: plan.changed}
	e.admin.SetProject(administered)
	e.faults.SetFields(fieldNames(p.schema))
	if next.api.id != last.api.id {
		e.server.SetAPIs(&server.API{ID: next.api.id, Backend: e.api, Realtime: e.realtime})
	}
	out.Subscriptions, out.Ended = e.api.swap(next)
	e.retiring.Go(func() { e.retire(last, plan.dropped) })
	return out, nil
}

// nextProvider is the identity provider of another project: the same where it has
// the same user pools.
func nextProvider(last *generation, api *project.API) *idp.Provider {
	before, after := identityOptions(last.project.api), identityOptions(api)
	if reflect.DeepEqual(withoutPlaces(before.Pools), withoutPlaces(after.Pools)) && slices.Equal(before.Issuers, after.Issuers) {
		return last.idp
	}
	return last.idp.With(after.Pools, after.Issuers)
}

// withoutPlaces returns user pools that do not tell where they are written.
func withoutPlaces(pools []*project.UserPool) []project.UserPool {
	out := make([]project.UserPool, len(pools))
	for i, p := range pools {
		out[i] = *p
		out[i].Pos = project.Position{}
		out[i].Users = slices.Clone(p.Users)
		for j := range out[i].Users {
			out[i].Users[j].Pos = project.Position{}
		}
	}
	return out
}

// tablePlan is what a reload does to the tables.
type tablePlan struct {
	// ensure are the tables to make or to change. They keep the indexes that the
	// last project has: its requests go on for a while.
	ensure           []storage.Table
	created, changed []string
	// added are the tables that the last project did not have.
	added []string
	// dropped are the indexes that nobody needs once those requests have ended, by
	// table.
	dropped map[string][]string
}

// planTables finds what the data lacks for a project. The error is a Problems when
// a table has another key there. What was made through DynamoDB's API stays.
func (e *Emulator) planTables(ctx context.Context, last, next *project.API, tables []storage.Table) (*tablePlan, error) {
	plan := &tablePlan{dropped: map[string][]string{}}
	var problems project.Problems
	for i, want := range tables {
		before := last.Table(want.Name)
		if before == nil {
			plan.added = append(plan.added, want.Name)
		}
		have, err := e.store.DescribeTable(ctx, want.Name)
		if _, missing := errors.AsType[*storage.ResourceNotFoundError](err); missing {
			plan.ensure, plan.created = append(plan.ensure, want), append(plan.created, want.Name)
			continue
		}
		if err != nil {
			return nil, err
		}
		if !reflect.DeepEqual(have.Key, want.Key) {
			problems = append(problems, project.Problem{
				Pos:     next.Tables[i].Pos,
				Message: fmt.Sprintf("table %s has the key %s, and its items have the key %s", want.Name, keyText(want.Key), keyText(have.Key)),
				Hint:    "delete the table by DynamoDB's API, or serve another data file",
			})
			continue
		}
		if same, err := sameTable(before, want); err != nil || same {
			if err != nil {
				return nil, err
			}
			continue
		}
		merged := want
		merged.Indexes = slices.Clone(want.Indexes)
		if want.TTLAttribute == "" && (before == nil || before.TTLAttribute == "") {
			merged.TTLAttribute = have.TTLAttribute
		}
		for _, ix := range have.Indexes {
			if hasIndex(want.Indexes, ix.Name) {
				continue
			}
			merged.Indexes = append(merged.Indexes, ix)
			if before != nil && slices.ContainsFunc(before.Indexes, func(b project.TableIndex) bool { return b.Name == ix.Name }) {
				plan.dropped[want.Name] = append(plan.dropped[want.Name], ix.Name)
			}
		}
		if !sameDefinition(merged, have.Table) {
			plan.ensure, plan.changed = append(plan.ensure, merged), append(plan.changed, want.Name)
		}
	}
	if len(problems) > 0 {
		return nil, problemsOf(next, problems)
	}
	return plan, nil
}

// sameTable reports whether a project had a table as it is wanted now.
func sameTable(before *project.Table, want storage.Table) (bool, error) {
	if before == nil {
		return false, nil
	}
	had, err := storageTable(before)
	return reflect.DeepEqual(had, want), err
}

// sameDefinition compares tables of one name and key.
func sameDefinition(a, b storage.Table) bool {
	if a.TTLAttribute != b.TTLAttribute || len(a.Indexes) != len(b.Indexes) {
		return false
	}
	for _, ix := range a.Indexes {
		if !slices.ContainsFunc(b.Indexes, func(other storage.Index) bool { return reflect.DeepEqual(ix, other) }) {
			return false
		}
	}
	return true
}

func hasIndex(indexes []storage.Index, name string) bool {
	return slices.ContainsFunc(indexes, func(ix storage.Index) bool { return ix.Name == name })
}

func keyText(k storage.KeySchema) string {
	text := k.Partition.Name + " (" + k.Partition.Kind.String() + ")"
	if k.Sort != nil {
		text += ", " + k.Sort.Name + " (" + k.Sort.Kind.String() + ")"
	}
	return text
}

// carryOut makes and changes tables, and gives the added ones their seed.
func (e *Emulator) carryOut(ctx context.Context, p *Project, plan *tablePlan, seeds []admin.TableItems) error {
	for _, t := range plan.ensure {
		if err := e.store.EnsureTable(ctx, t); err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	for _, s := range seeds {
		if !slices.Contains(plan.added, s.Table) {
			continue
		}
		if err := seedTable(ctx, e.store, s); err != nil {
			return fmt.Errorf("%s: %w", p.api.Seed.Pos.File, err)
		}
	}
	return nil
}

// retire waits for the last requests of a replaced project, lets go of what it has
// held, and drops the indexes that it alone has used.
func (e *Emulator) retire(last *generation, dropped map[string][]string) {
	select {
	case <-last.drained:
	case <-e.closing:
		return
	}
	last.lambda.Close()
	if len(dropped) == 0 {
		return
	}
	e.reloading.Lock()
	defer e.reloading.Unlock()
	for name, indexes := range dropped {
		// A later project may have them again.
		if table := e.api.now().project.api.Table(name); table != nil {
			indexes = slices.DeleteFunc(indexes, func(index string) bool {
				return slices.ContainsFunc(table.Indexes, func(ix project.TableIndex) bool { return ix.Name == index })
			})
		}
		if err := e.dropIndexes(name, indexes); err != nil {
			e.log.Error("indexes that the project does not have any more are still there",
				slog.String("table", name), slog.Any("indexes", indexes), slog.Any("error", err))
		}
	}
}

func (e *Emulator) dropIndexes(name string, indexes []string) error {
	ctx := context.Background()
	have, err := e.store.DescribeTable(ctx, name)
	if _, missing := errors.AsType[*storage.ResourceNotFoundError](err); missing {
		return nil
	}
	if err != nil {
		return err
	}
	t := have.Table
	t.Indexes = slices.DeleteFunc(slices.Clone(t.Indexes), func(ix storage.Index) bool { return slices.Contains(indexes, ix.Name) })
	if len(t.Indexes) == len(have.Indexes) {
		return nil
	}
	return e.store.EnsureTable(ctx, t)
}
