package dynamodbapi

import (
	"slices"
	"strings"

	"appsync-emulator/storage"
)

// arn returns the ARN of a table.
func (h *Handler) arn(table string) string {
	return "arn:aws:dynamodb:" + h.opt.Region + ":" + h.opt.AccountID + ":table/" + table
}

// definitionsOf returns the key attributes of a table and its indexes, in the
// order of their names.
func definitionsOf(t *storage.Table) []storage.KeyAttribute {
	keys := []storage.KeySchema{t.Key}
	for _, ix := range t.Indexes {
		keys = append(keys, ix.Key)
	}
	var all []storage.KeyAttribute
	for _, k := range keys {
		all = append(all, k.Partition)
		if k.Sort != nil {
			all = append(all, *k.Sort)
		}
	}
	slices.SortFunc(all, func(a, b storage.KeyAttribute) int { return strings.Compare(a.Name, b.Name) })
	return slices.CompactFunc(all, func(a, b storage.KeyAttribute) bool { return a.Name == b.Name })
}

// appendTable appends a TableDescription.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
func (h *Handler) appendTable(dst []byte, d *storage.TableDescription, status string) []byte {
	s := &d.Settings
	provisioned := s.BillingMode == "PROVISIONED"
	arn := h.arn(d.Name)
	dst = append(dst, '{')
	dst = append(appendMember(dst, "AttributeDefinitions"), '[')
	for i, def := range definitionsOf(&d.Table) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '{')
		dst = appendTextMember(dst, "AttributeName", def.Name)
		dst = appendTextMember(dst, "AttributeType", def.Kind.String())
		dst = append(dst, '}')
	}
	dst = append(dst, ']')
	if !provisioned {
		dst = append(dst, `,"BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST"`...)
		dst = appendTimeMember(dst, "LastUpdateToPayPerRequestDateTime", d.Created)
		dst = append(dst, '}')
	}
	dst = appendTimeMember(dst, "CreationDateTime", d.Created)
	dst = appendBoolMember(dst, "DeletionProtectionEnabled", s.DeletionProtection)
	dst = h.appendIndexes(dst, d, status, false)
	dst = appendIntMember(dst, "ItemCount", d.Items)
	dst = appendSchema(dst, d.Key)
	if s.Stream != "" {
		label := d.Created.UTC().Format("2006-01-02T15:04:05.000")
		dst = appendTextMember(dst, "LatestStreamArn", arn+"/stream/"+label)
		dst = appendTextMember(dst, "LatestStreamLabel", label)
	}
	dst = h.appendIndexes(dst, d, status, true)
	dst = appendThroughput(dst, s.Throughput)
	if s.Encrypted {
		dst = append(dst, `,"SSEDescription":{"SSEType":"KMS","Status":"ENABLED"`...)
		if key := s.EncryptionKey; key != "" {
			if !strings.HasPrefix(key, "arn:") {
				if !strings.HasPrefix(key, "alias/") {
					key = "key/" + key
				}
				key = "arn:aws:kms:" + h.opt.Region + ":" + h.opt.AccountID + ":" + key
			}
			dst = appendTextMember(dst, "KMSMasterKeyArn", key)
		}
		dst = append(dst, '}')
	}
	if s.Stream != "" {
		dst = append(dst, `,"StreamSpecification":{"StreamEnabled":true`...)
		dst = append(appendTextMember(dst, "StreamViewType", s.Stream), '}')
	}
	dst = appendTextMember(dst, "TableArn", arn)
	if s.TableClass != "" {
		dst = append(appendMember(dst, "TableClassSummary"), '{')
		dst = append(appendTextMember(dst, "TableClass", s.TableClass), '}')
	}
	dst = appendTextMember(dst, "TableId", d.ID)
	dst = appendTextMember(dst, "TableName", d.Name)
	dst = appendIntMember(dst, "TableSizeBytes", d.Bytes)
	dst = appendTextMember(dst, "TableStatus", status)
	return append(dst, '}')
}

func appendSchema(dst []byte, k storage.KeySchema) []byte {
	dst = append(appendMember(dst, "KeySchema"), `[{"AttributeName":`...)
	dst = append(appendText(dst, k.Partition.Name), `,"KeyType":"HASH"}`...)
	if k.Sort != nil {
		dst = append(dst, `,{"AttributeName":`...)
		dst = append(appendText(dst, k.Sort.Name), `,"KeyType":"RANGE"}`...)
	}
	return append(dst, ']')
}

func appendThroughput(dst []byte, t storage.Throughput) []byte {
	dst = append(appendMember(dst, "ProvisionedThroughput"), `{"NumberOfDecreasesToday":0`...)
	dst = appendIntMember(dst, "ReadCapacityUnits", t.Read)
	dst = appendIntMember(dst, "WriteCapacityUnits", t.Write)
	return append(dst, '}')
}

// appendIndexes appends the local or the global indexes, when there are any.
func (h *Handler) appendIndexes(dst []byte, d *storage.TableDescription, status string, local bool) []byte {
	opened := false
	for i, ix := range d.Indexes {
		if ix.Local != local {
			continue
		}
		switch {
		case opened:
			dst = append(dst, ',')
		case local:
			dst = append(appendMember(dst, "LocalSecondaryIndexes"), '[')
		default:
			dst = append(appendMember(dst, "GlobalSecondaryIndexes"), '[')
		}
		opened = true
		state := storage.IndexState{Status: storage.IndexActive}
		if i < len(d.IndexStates) {
			state = d.IndexStates[i]
		}
		dst = append(dst, '{')
		dst = appendTextMember(dst, "IndexArn", h.arn(d.Name)+"/index/"+ix.Name)
		dst = appendTextMember(dst, "IndexName", ix.Name)
		dst = appendIntMember(dst, "IndexSizeBytes", state.Bytes)
		if !local {
			at := state.Status
			if status == "CREATING" {
				at = storage.IndexCreating
			}
			dst = appendTextMember(dst, "IndexStatus", string(at))
			if at == storage.IndexCreating && status != "CREATING" {
				dst = appendBoolMember(dst, "Backfilling", true)
			}
		}
		dst = appendIntMember(dst, "ItemCount", state.Items)
		dst = appendSchema(dst, ix.Key)
		dst = append(appendMember(dst, "Projection"), '{')
		dst = appendTextMember(dst, "ProjectionType", string(ix.Projection))
		if len(ix.Include) > 0 {
			dst = append(appendMember(dst, "NonKeyAttributes"), '[')
			for j, name := range ix.Include {
				if j > 0 {
					dst = append(dst, ',')
				}
				dst = appendText(dst, name)
			}
			dst = append(dst, ']')
		}
		dst = append(dst, '}')
		if !local {
			dst = appendThroughput(dst, d.Settings.IndexThroughput[ix.Name])
		}
		dst = append(dst, '}')
	}
	if opened {
		dst = append(dst, ']')
	}
	return dst
}
