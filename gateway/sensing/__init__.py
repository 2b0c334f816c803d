"""Added sensors at run time: from what drivers tell to values of the device model, alerts and reactions."""
