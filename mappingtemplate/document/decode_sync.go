package document

// sync reads a Sync. Its query, index and scanIndexForward are not documented:
// Amplify sends them for models with keys of their own.
//
// Recorded: aws-amplify/amplify-category-api#672.
func (d *decoder) sync() (Document, error) {
	out := &Sync{Version: d.templateVersion, ScanIndexForward: true}
	for i := 0; i < d.fields.Len(); i++ {
		var err error
		name, v := d.fields.NameAt(i)
		switch name {
		case "version", "operation":
		case "filter":
			out.Filter, err = expression(v)
		case "limit":
			out.Limit, err = optionalInteger(v)
		case "nextToken":
			out.NextToken, err = optionalString(v)
		case "lastSync":
			out.LastSync, err = optionalInteger(v)
		case "basePartitionKey":
			out.BasePartitionKey, err = optionalString(v)
		case "deltaIndexName":
			out.DeltaIndexName, err = optionalString(v)
		case "query":
			out.Query, err = expression(v)
		case "index":
			out.Index, err = optionalString(v)
		case "scanIndexForward":
			out.ScanIndexForward, err = optionalBool(v, true)
		default:
			err = unsupportedElement()
		}
		if err != nil {
			return nil, under(err, name)
		}
	}
	return out, nil
}
