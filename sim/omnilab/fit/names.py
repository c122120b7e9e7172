"""The names that logs usually give their columns, in English, German, French and Spanish.

Names are compared as `plain_name` writes them: without case, accents, spaces and punctuation, and
without a currency at the end. The first of a role's names that a file has is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["LINE_LEVEL", "ORDER_LEVEL", "SHIPPING", "STATUS", "TEST", "USUAL", "VOID"]


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    role: _names(text)
    for role, text in {
        "customer": """
            customerid custid customer cust customerkey customerno customernumber customeruser
            userid user clientid client memberid member buyerid buyer shopperid accountid contactid
            householdkey householdid profileid
            kundennummer kundennr kundenid kundencode kunde kaufer kaeufer debitorennummer
            debitorennr debitornr debitor mitgliedsnummer
            idclient codeclient numeroclient numerodeclient numclient noclient ndeclient nclient
            identifiantclient acheteur
            clienteid idcliente iddecliente codigocliente codigodecliente numerocliente
            numerodecliente nrocliente nocliente nodecliente cliente comprador
            email emailaddress customeremail billingemail buyeremail emailbilling
            emailadresse kundenemail emailkunde adresseemail emailclient courriel
            emailcliente correoelectronico correo
            """,
        "date": """
            date orderdate invoicedate purchasedate transactiondate datetime orderdatetime timestamp
            ordertimestamp orderpurchasetimestamp time ordertime transactiontime eventtime createdat
            orderedat day datecreated saledate created purchasedat
            bestelldatum auftragsdatum kaufdatum rechnungsdatum belegdatum buchungsdatum
            verkaufsdatum transaktionsdatum datum zeitpunkt zeitstempel bestelltam erstelltam tag
            datecommande datedecommande datedelacommande dateachat datedachat datefacture
            datedefacture datevente datedevente horodatage jour
            fechapedido fechadepedido fechadelpedido fechacompra fechadecompra fechafactura
            fechadefactura fechaventa fechadeventa fecha dia
            """,
        "amount": """
            amount spend revenue orderamount ordervalue ordertotal totalamount totalvalue totalprice
            grandtotal netamount total value sales salesvalue paymentvalue monetaryvalue turnover
            linetotal lineamount netsales ordertotalamount grandtotalbase grandtotalpurchased
            bestellwert bestellsumme auftragswert warenkorbwert rechnungsbetrag gesamtbetrag
            gesamtsumme gesamtpreis gesamtwert endbetrag zahlbetrag betrag umsatz nettobetrag
            nettoumsatz bruttobetrag bruttoumsatz summe wert positionsbetrag
            montantcommande montantdelacommande montanttotal montantttc montantht montant
            totalcommande totalttc totalht prixtotal chiffredaffaires valeur
            importetotal importe importepedido montototal monto totalpedido totaldelpedido
            preciototal valortotal valor ventas facturacion ingresos
            """,
        "unit price": """
            unitprice itemprice price lineitemprice
            einzelpreis stuckpreis stueckpreis preis
            prixunitaire prix
            preciounitario precio
            """,
        "quantity": """
            quantity qty units items itemcount lineitemquantity
            menge anzahl stuckzahl stueckzahl stuck stueck bestellmenge
            quantite qte
            cantidad unidades cant
            """,
        "order": """
            orderid ordernumber orderno ordernr order orderkey ordername invoiceno invoiceid
            invoicenumber invoice transactionid transactionno receiptid receiptno receiptnumber
            basketid documentno incrementid
            bestellnummer bestellnr bestellid bestellung auftragsnummer auftragsnr auftragid auftrag
            rechnungsnummer rechnungsnr rechnung belegnummer belegnr bonnummer transaktionsnummer
            transaktionsid vorgangsnummer
            numerocommande numerodecommande numcommande nocommande ndecommande ncommande idcommande
            referencecommande commande numerofacture numerodefacture nofacture nfacture ndefacture
            facture
            numeropedido numerodepedido nropedido nopedido nodepedido idpedido pedidoid pedido
            numerofactura numerodefactura nrofactura nofactura nodefactura factura
            """,
        "original order": """
            originalorder originalorderid originalordernumber originalorderno originalinvoice
            originalinvoiceno originaltransactionid parentorder parentorderid parentid refundof
            refundfor refundedorder refundedorderid creditnotefor creditedinvoice correctedinvoice
            relatedorder refersto linkedorder linkedordernumber reforderid returnof returnfor
            cancels
            originalbestellung originalbestellnummer ursprungsbestellung ursprungsauftrag
            ursprungsrechnung gutschriftzu
            commandeorigine commandedorigine factureorigine facturedorigine
            pedidooriginal pedidoorigen facturaoriginal facturarectificada
            """,
        "email": """
            email emailaddress customeremail billingemail emailbilling buyeremail useremail
            contactemail
            emailadresse kundenemail emailkunde adresseemail emailclient courriel
            emailcliente correoelectronico correo
            """,
        "currency": """
            currency currencycode ordercurrency ordercurrencycode transactioncurrency
            paymentcurrency
            wahrung waehrung
            devise monnaie
            moneda divisa
            """,
        "refund": """
            refundedamount refundamount amountrefunded totalrefunded refundedtotal orderrefundamount
            refundtotal refund returnedamount
            erstattungsbetrag erstatteterbetrag ruckerstattung rueckerstattung gutschriftbetrag
            montantrembourse montantremboursement remboursement
            importereembolsado montoreembolsado reembolso
            """,
        "kind": """
            transactiontype ordertype documenttype doctype recordtype kind type
            belegart vorgangsart transaktionsart buchungsart auftragsart
            typedetransaction typededocument
            tipodetransaccion tipodedocumento tipo
            """,
    }.items()
}

# All of these that a file has are looked at.
STATUS: Final = _names("""
    status orderstatus financialstatus paymentstatus transactionstatus orderstate invoicestatus
    salestatus saleorderstatus postatus poststatus orderfinancialstatus
    zahlungsstatus bestellstatus auftragsstatus
    statut statutcommande statutdelacommande statutpaiement statutdupaiement
    estado estadopedido estadodelpedido estadopago estadodelpago
    stato
    """)
SHIPPING: Final = _names("""
    fulfillmentstatus fulfilmentstatus deliverystatus shippingstatus shipmentstatus
    lieferstatus versandstatus statutlivraison estadoenvio
    """)
VOID: Final = _names("""
    cancelledat canceledat cancelleddate canceleddate canceldate cancelledon cancellationdate
    voidedat deletedat trashedat iscancelled iscanceled cancelled canceled isvoid isvoided voided
    isdeleted deleted isrefunded refunded isreturned returned refundedat iscancellation
    storniert storniertam stornodatum annulee annule dateannulation anulado cancelado
    fechaanulacion fechacancelacion
    """)
TEST: Final = _names("test istest testorder istestorder testmode sandbox")

# A total of the order, wherever it stands; other names may be a line's.
ORDER_LEVEL: Final = frozenset(
    _names("""
    ordertotal orderamount ordervalue grandtotal ordertotalamount grandtotalbase
    grandtotalpurchased basegrandtotal totalprice totalorder ordergrandtotal invoicetotal
    basketvalue baskettotal
    bestellwert bestellsumme auftragswert warenkorbwert rechnungsbetrag
    montantcommande montantdelacommande totalcommande
    importepedido totalpedido totaldelpedido
    """)
)
LINE_LEVEL: Final = frozenset(
    _names("""
    linetotal lineamount salesvalue unitprice itemprice price lineitemprice itemtotal
    einzelpreis stuckpreis stueckpreis preis positionsbetrag
    prixunitaire prix
    preciounitario precio
    """)
)
