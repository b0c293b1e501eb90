package txn

// Phase is where a sale, or a refund of one, stands.
//
//	created ----> authorizing --> approved | declined | pending | unknown | notsent
//	   |                             ^          ^           |  ^
//	   +--> notsent                  |          |           v  |
//	                                 +----------+------- querying --> reversing --> reversed
//	                                                        '------------------------^
//	reversing --> refunding --> refunded     it was paid, and too late to be undone
//	authorizing --> held --> authorizing | notsent     nothing has left, the code still lives
//	authorizing --> stored --> authorizing             taken offline, at the merchant's risk
//	approved --> voiding --> voided | approved (the acquirer voids no more)
//	reversing | voiding | refunding --> byhand --> reversing | voiding | refunding (asked again)
//
// A merchant code (MPM) goes the same way: authorizing asks for the code, pending
// shows it. Pending and unknown wait for the next query; querying has one out. Approved,
// declined, reversed, refunded, voided and notsent are final. Byhand waits for a
// person: the machine has come to its end. move panics on any other step.
//
// A refund is a transaction of its own:
//
//	refunding --> refunded | declined | unknown | pending | byhand
//	unknown --> refunding    pending --> querying --> as refunding    byhand --> refunding
type Phase string

// The phases.
const (
	Created     Phase = "created"     // waits for a payer code
	Authorizing Phase = "authorizing" // the request is out, or may be
	Approved    Phase = "approved"    // money moved
	Declined    Phase = "declined"    // the acquirer said no: no money moved
	Pending     Phase = "pending"     // the payer is asked for a password; a refund is taken
	Unknown     Phase = "unknown"     // money may have moved
	Querying    Phase = "querying"    // a query is out
	Held        Phase = "held"        // waits for the line, as long as the code lives
	Stored      Phase = "stored"      // taken offline, to be sent when the line is back
	Reversing   Phase = "reversing"   // being undone, until the acquirer says so
	Reversed    Phase = "reversed"    // undone
	Refunding   Phase = "refunding"   // a refund is asked for, or the sale is given back by one
	Refunded    Phase = "refunded"    // the money is back
	Voiding     Phase = "voiding"     // an approved sale is being undone
	Voided      Phase = "voided"      // the money is back
	ByHand      Phase = "byhand"      // a person has to find out
	NotSent     Phase = "notsent"     // nothing was asked of the acquirer
)

// Final says whether nothing more can happen to the money of a sale, unless
// somebody asks for it.
func (p Phase) Final() bool {
	switch p {
	case Approved, Declined, Reversed, Refunded, Voided, NotSent:
		return true
	}
	return false
}

// InDoubt says whether the terminal does not know if the payer's money has moved,
// and is finding out.
func (p Phase) InDoubt() bool {
	return p == Pending || p == Unknown || p == Querying || p == Reversing
}
