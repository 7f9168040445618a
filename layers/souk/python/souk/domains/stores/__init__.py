"""Stores and the settings of the shop: where goods lie, who they may go to, and what a parcel costs."""
