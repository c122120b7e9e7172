"""Order exports of Shopify, WooCommerce and Magento, in their own form."""

from __future__ import annotations

import pytest

from omnilab.fit import read_transactions
from tests.fit.test_sold import money

SHOPIFY = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,"
    "Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,"
    "Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,"
    "Lineitem sku,Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,"
    "Billing Name,Cancelled at,Payment Method,Payment Reference,Refunded Amount,Vendor,Id\n"
)


def shopify(name, email, status, total, *, cancelled="", refunded="0.00", item="Tee", day=1):
    return (
        f"#{name},{email},{status},2024-05-0{day} 10:00:00 +0200,fulfilled,,no,EUR,{total},0.00,"
        f"0.00,{total},,0.00,Standard,2024-05-0{day} 09:58:12 +0200,1,{item},{total},,SKU,true,"
        f"true,fulfilled,Ann,{cancelled},Shopify Payments,,{refunded},Acme,5001\n"
    )


def test_shopify(tmp_path):
    further = (
        "#1001,ann@x.org" + "," * 13 + ",2024-05-01 09:58:12 +0200,2,Mug,9.99" + "," * 12 + "\n"
    )
    text = SHOPIFY + (
        shopify(1001, "ann@x.org", "paid", "34.98") + further
        + shopify(1002, "bob@x.org", "refunded", "20.00", refunded="20.00")
        + shopify(1003, "Ann@x.org", "partially_refunded", "20.00", refunded="5.00", day=3)
        + shopify(1004, "bob@x.org", "pending", "11.00")
        + shopify(1005, "bob@x.org", "paid", "12.00", cancelled="2024-05-04 10:00:00 +0200")
        + shopify(1006, "bob@x.org", "voided", "13.00")
        + shopify(1007, "bob@x.org", "paid", "14.00", day=5)
    )  # fmt: skip
    path = tmp_path / "orders_export.csv"
    path.write_text(text, encoding="utf-8")
    found = read_transactions(path)
    assert found.columns.preset == "shopify"
    assert found.currency == "EUR"
    assert money(found) == {"ann@x.org": 49.98, "bob@x.org": 14.0}
    gone = found.dropped
    assert (gone.line, gone.refunded, gone.unpaid, gone.cancelled, gone.voided) == (1, 1, 1, 1, 1)
    assert found.not_understood == ()


WOO_SUITE = (
    "order_id,order_number,order_date,paid_date,status,shipping_total,order_total,order_subtotal,"
    "order_currency,payment_method,customer_id,customer_user,customer_email,billing_first_name,"
    "billing_email,refunded_total\n"
    "11,11,2024-01-01 10:00:00,,wc-completed,0,30.00,30,EUR,stripe,4,4,a@x.org,A,a@x.org,0\n"
    "12,12,2024-01-02 10:00:00,,processing,0,20.00,20,EUR,stripe,0,0,,B,b@x.org,5\n"
    "13,13,2024-01-03 10:00:00,,on-hold,0,19.00,20,EUR,bacs,4,4,a@x.org,A,a@x.org,0\n"
    "14,14,2024-01-04 10:00:00,,failed,0,18.00,20,EUR,stripe,0,0,,B,b@x.org,0\n"
    "15,15,2024-01-05 10:00:00,,trash,0,17.00,20,EUR,stripe,0,0,,B,b@x.org,0\n"
    "16,16,2024-01-06 10:00:00,,cancelled,0,16.00,20,EUR,stripe,0,0,,A,a@x.org,0\n"
    "17,17,2024-01-07 10:00:00,,completed,0,15.00,20,EUR,stripe,0,0,,A,A@x.org,0\n"
)
WOO_SPELLED = (
    "Order Number,Order Status,Order Date,Email (Billing),Order Total Amount,Order Refund Amount,"
    "Item Name,Quantity\n"
    "11,Completed,2024-01-01 10:00,a@x.org,30.00,0,Cup,1\n"
    "11,Completed,2024-01-01 10:00,a@x.org,30.00,0,Pot,2\n"
    "12,Processing,2024-01-02 10:00,b@x.org,20.00,5.00,Cup,1\n"
    "13,On hold,2024-01-03 10:00,a@x.org,19.00,0,Cup,1\n"
    "17,Completed,2024-01-07 10:00,A@x.org,15.00,0,Cup,1\n"
)
WOO_ANALYTICS = (
    "Date,Order #,N. Revenue,Status,Customer,Customer type,Product(s),Items sold,Coupon(s)\n"
    "2024-01-01 10:00:00,11,30,completed,Ann A,new,1x Cup,1,\n"
    "2024-01-02 10:00:00,12,15,processing,Bob B,new,1x Cup,1,\n"
    "2024-01-03 10:00:00,13,19,failed,Ann A,returning,1x Cup,1,\n"
    "2024-01-07 10:00:00,17,15,completed,Ann A,returning,1x Cup,1,\n"
)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        (WOO_SUITE, ("4", "b@x.org")),
        (WOO_SPELLED, ("a@x.org", "b@x.org")),
        (WOO_ANALYTICS, ("Ann A", "Bob B")),
    ],
    ids=["suite", "spelled", "analytics"],
)
def test_woocommerce(tmp_path, text, ids):
    path = tmp_path / "orders.csv"
    path.write_text(text, encoding="utf-8")
    found = read_transactions(path)
    assert found.columns.preset == "woocommerce"
    assert money(found) == {ids[0]: 45.0, ids[1]: 15.0}
    assert found.not_understood == ()


MAGENTO_GRID = (
    'ID,"Purchase Point","Purchase Date","Bill-to Name","Ship-to Name","Grand Total (Base)",'
    '"Grand Total (Purchased)",Status,"Billing Address","Shipping Address","Shipping Information",'
    '"Customer Email","Customer Group",Subtotal,"Shipping and Handling","Customer Name",'
    '"Payment Method","Total Refunded"\n'
)


def grid(number, day, total, status, email, refunded=""):
    return (
        f'{number:09},"Main Website","Jan {day}, 2024 1:04:11 PM",A,A,{total},{total},{status},,,,'
        f"{email},General,{total},0,A,checkmo,{refunded}\n"
    )


MAGENTO_TABLE = (
    "entity_id,increment_id,state,status,store_id,customer_id,customer_email,base_grand_total,"
    "grand_total,base_currency_code,order_currency_code,base_total_refunded,total_refunded,"
    "created_at\n"
    "1,000000001,complete,complete,1,4,a@x.org,30.0000,33.0000,EUR,USD,,,2024-01-01 10:00:00\n"
    "2,000000002,complete,complete,1,,b@x.org,20.0000,20.0000,EUR,EUR,5.0000,5.0000,2024-01-02\n"
    "3,000000003,closed,closed,1,4,a@x.org,19.0000,19.0000,EUR,EUR,19.0000,19.0000,2024-01-03\n"
    "4,000000004,canceled,canceled,1,4,a@x.org,18.0000,18.0000,EUR,EUR,,,2024-01-04 10:00:00\n"
    "5,000000005,holded,holded,1,4,a@x.org,17.0000,17.0000,EUR,EUR,,,2024-01-05 10:00:00\n"
    "6,000000006,processing,processing,1,4,a@x.org,15.0000,15.0000,EUR,EUR,,,2024-01-06 10:00:00\n"
)


def test_magento(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(
        MAGENTO_GRID
        + grid(1, 1, "30.0000", "Complete", "a@x.org")
        + grid(2, 2, "$20.00", "Complete", "b@x.org", "$5.00")
        + grid(3, 3, "19.0000", "Closed", "a@x.org", "19.00")
        + grid(4, 4, "18.0000", "Canceled", "a@x.org")
        + grid(5, 5, "17.0000", "On Hold", "a@x.org")
        + grid(6, 6, "16.0000", "Pending", "a@x.org")
        + grid(7, 7, "15.0000", "Processing", "a@x.org"),
        encoding="utf-8",
    )
    found = read_transactions(path)
    assert found.columns.preset == "magento"
    assert money(found) == {"a@x.org": 45.0, "b@x.org": 15.0}
    assert found.first_day.isoformat() == "2024-01-01"
    assert found.time_s[0] % 86_400 == 13 * 3600 + 4 * 60 + 11
    path.write_text(MAGENTO_TABLE, encoding="utf-8")
    found = read_transactions(path)
    assert money(found) == {"4": 45.0, "b@x.org": 15.0}
    assert found.currency == "EUR"
    assert found.not_understood == ()


def test_an_option_wins_over_a_preset(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(WOO_SUITE, encoding="utf-8")
    found = read_transactions(path, amount="order_subtotal", customer="billing_email")
    assert money(found) == {"a@x.org": 50.0, "b@x.org": 15.0}
    path.write_text("id,created_at,total,email\n1,2024-01-01,5,a@x.org\n2,2024-01-02,6,b@x.org\n")
    assert read_transactions(path, preset="shopify").columns.preset == "shopify"
